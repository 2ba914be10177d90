// `node .ci/bootstrap.mjs test/lint-manifests.ts`: what kube-linter has against any overlay; nothing, at this commit.
// It stands beside npm test, not in it: building kube-linter takes minutes the first time.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kubeLinterTool, makeTempFolder, obtain } from '@hermod/testkit'
import { overlays, renderOverlay } from './shipped-manifests.ts'

// All that it knows, but for what is a house's own choice or is judged better elsewhere.
const leftOut: Readonly<Record<string, string>> = {
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
  'schema-validation': 'wants schemas from the network; a real API server judges them in npm test',
}

const program = await obtain(kubeLinterTool)
await using folder = await makeTempFolder('lint')
for (const overlay of overlays) {
  const file = join(folder.path, `${overlay}.yaml`)
  await writeFile(file, await renderOverlay(overlay))
  const args = ['lint', '--add-all-built-in', '--exclude', Object.keys(leftOut).join(','), file]
  const { stdout, failed } = await promisify(execFile)(program, args).then(
    (ended) => ({ ...ended, failed: false }),
    (error: { stdout: string }) => ({ stdout: error.stdout, failed: true }),
  )
  process.stdout.write(`${overlay}: ${stdout.trim().split('\n').slice(1).join('\n').trim()}\n`)
  if (failed) process.exitCode = 1
}
