// `npm run lint-manifests`: what kube-linter and trivy have against the manifests and the Dockerfile. Each finding is
// mended or explained here, and an explanation that explains nothing any more is a finding itself.
// It stands beside npm test, not in it: the first time kube-linter is built, for minutes, and trivy is 126 MB to fetch.
import { execFile } from 'node:child_process'
import { cp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kubeLinterTool, makeTempFolder, obtain, trivyTool } from '@hermod/testkit'
import { installations, overlays, renderInstallation, renderOverlay } from './shipped-manifests.ts'

interface Finding {
  readonly rule: string
  readonly text: string
}

interface Judge {
  readonly name: string
  /** Everything that it finds in a folder. */
  readonly judge: (folder: string) => Promise<readonly Finding[]>
  /** Why a rule of it is not followed. */
  readonly explained: Readonly<Record<string, string>>
}

const kubeLinter: Judge = {
  name: 'kube-linter',
  explained: {
    'dangling-networkpolicy':
      'the policy of NATS stands beside a NATS of somebody else too, and matches nothing',
    'dangling-networkpolicypeer-podselector': 'the same',
    'dnsconfig-options': 'the resolver of the cluster is the cluster’s business',
    'env-value-from': 'asks for the Secrets that an installation brings',
    'minimum-three-replicas': 'one at work and one beside it is what the leases need',
    'no-node-affinity': 'any node will do',
    'no-rolling-update-strategy': 'reads no strategy whose type is the default one',
    'read-secret-from-env-var':
      'NATS takes its passwords by environment alone; Sentry’s address may be absent, a file may not',
    'required-annotation-email': 'a house rule of others',
    'required-label-owner': 'a house rule of others',
    'restart-policy': 'the default is the only one that a Deployment may have',
  },
  // One installation at a time: what one of them leaves dangling, another may hold.
  judge: async (folder) => {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'))
    const found = await Promise.all(
      files.map(async (file) => {
        // That one wants schemas from the network; in npm test a real API server validates.
        const all = ['--add-all-built-in', '--exclude', 'schema-validation']
        const args = ['lint', ...all, '--format', 'json', join(folder, file)]
        const { Reports } = JSON.parse(await outputOf(kubeLinterTool, args)) as KubeLinterOutput
        return (Reports ?? []).map(({ Check, Diagnostic }) => ({
          rule: Check,
          text: `${file}: ${Diagnostic.Message}`,
        }))
      }),
    )
    return found.flat()
  },
}

interface KubeLinterOutput {
  readonly Reports:
    | readonly { readonly Check: string; readonly Diagnostic: { readonly Message: string } }[]
    | null
}

const trivy: Judge = {
  name: 'trivy',
  explained: {
    KSV011: 'a limit of CPU halts a process when it has most to do; what it asks for is measured',
    KSV020:
      'reads containers alone: the pod says the user of all of its containers (npm test holds it to that)',
    KSV021: 'the same of the group',
    KSV104: 'the same of the seccomp profile, which "restricted" makes the API server ask for',
    KSV116: 'is raised for every object there is, a ServiceAccount too, whatever it says',
    'AVD-KSV-0109':
      'nats.conf names the variables that hold the passwords, which lie in a Secret (npm test holds it to that)',
    DS026: 'Kubernetes and docker-compose.yml ask by checks of their own',
  },
  judge: async (folder) => {
    const args = ['config', '--skip-policy-update', '--quiet', '--format', 'json']
    await using cache = await makeTempFolder('trivy')
    const { Results = [] } = JSON.parse(
      await outputOf(trivyTool, [...args, '--cache-dir', cache.path, folder]),
    ) as {
      Results?: readonly {
        Target: string
        Misconfigurations?: readonly { ID: string; Severity: string; Message: string }[]
      }[]
    }
    return Results.flatMap(({ Target, Misconfigurations = [] }) =>
      Misconfigurations.map(({ ID, Severity, Message }) => ({
        rule: ID,
        text: `${Severity} ${Target}: ${Message}`,
      })),
    )
  },
}

/** What it prints, whatever its exit code says of it. */
async function outputOf(tool: Parameters<typeof obtain>[0], args: readonly string[]): Promise<string> {
  const ended = promisify(execFile)(await obtain(tool), args, { maxBuffer: 64 * 1024 * 1024 })
  const { stdout } = await ended.catch((error: { stdout?: string }) => {
    if (error.stdout) return { stdout: error.stdout }
    throw error
  })
  return stdout
}

await using folder = await makeTempFolder('lint')
for (const name of overlays) await writeFile(join(folder.path, `${name}.yaml`), await renderOverlay(name))
for (const [name, components] of Object.entries(installations))
  await writeFile(join(folder.path, `${name}.yaml`), await renderInstallation(components))
await cp(join(import.meta.dirname, '..', '..', 'services', 'Dockerfile'), join(folder.path, 'Dockerfile'))

for (const { name, judge, explained } of [trivy, kubeLinter]) {
  const findings = await judge(folder.path)
  const unexplained = findings.filter(({ rule }) => !Object.hasOwn(explained, rule))
  const idle = Object.keys(explained).filter((rule) => !findings.some((finding) => finding.rule === rule))
  for (const { rule, text } of unexplained) process.stdout.write(`${name} ${rule} ${text}\n`)
  for (const rule of idle) process.stdout.write(`${name} ${rule}: nothing is found by it any more\n`)
  const known = findings.length - unexplained.length
  process.stdout.write(`${name}: ${unexplained.length} findings, ${known} more explained\n`)
  if (unexplained.length + idle.length > 0) process.exitCode = 1
}
