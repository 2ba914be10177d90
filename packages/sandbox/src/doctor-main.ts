// `npm run doctor`: asks the doctor of each process with the environment it is given, and tells the notifier's which
// channels the namespaces name. Exit code 0: no problem anywhere.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { defineCommand, type Finding, findingText, runCommand } from '@hermod/runtime'

interface Report {
  readonly process: string
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

type Options = Readonly<Record<string, string | boolean | undefined>>

const root = join(import.meta.dirname, '..', '..', '..')
const programs = {
  provision: 'packages/jetstream/src/provision-main.ts',
  watcher: 'services/watcher/src/main.ts',
  dedupe: 'services/dedupe/src/main.ts',
  notifier: 'services/notifier/src/main.ts',
} as const

const doctor = defineCommand({
  name: 'doctor',
  usage: `usage: doctor [--json] [--kubeconfig PATH] [--nats-monitor URL]
Asks the doctor of each process: NATS, the cluster, Artifactory and Slack, with the environment it is given.`,
  settings: {},
  options: {
    json: { type: 'boolean' },
    kubeconfig: { type: 'string' },
    'nats-monitor': { type: 'string' },
  },
  run: async (_, { options, print }) => {
    const reports: Report[] = []
    for await (const report of examineAll(options)) {
      reports.push(report)
      if (options['json'] === true) continue
      print(report.process)
      for (const finding of report.findings) print(`  ${findingText(finding).replace('\n', '\n  ')}`)
    }
    const ok = reports.every((report) => report.ok)
    if (options['json'] === true) print(JSON.stringify({ ok, reports }))
    return ok ? 0 : 1
  },
})

/** Those that need nothing of each other are asked at once. */
async function* examineAll({ kubeconfig, 'nats-monitor': monitor }: Options): AsyncIterable<Report> {
  const provision = ask('provision', '--nats-monitor', monitor)
  const watcher = ask('watcher', '--kubeconfig', kubeconfig)
  const dedupe = ask('dedupe')
  yield await provision
  const seen = await watcher
  yield seen
  const channels = new Set(seen.findings.flatMap((finding) => finding.channels ?? []))
  const notifier = ask('notifier', '--channels', channels.size === 0 ? undefined : [...channels].join(','))
  yield await dedupe
  yield await notifier
}

// A doctor that cannot even speak is a finding like any other.
async function ask(name: keyof typeof programs, option = '', value?: string | boolean): Promise<Report> {
  const told = typeof value === 'string' ? [option, value] : []
  const child = spawn(process.execPath, [join(root, programs[name]), 'doctor', '--json', ...told], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  try {
    return JSON.parse(output) as Report
  } catch {
    const detail = errors.trim() || 'said nothing'
    return { process: name, ok: false, findings: [{ about: 'doctor', state: 'problem', detail }] }
  }
}

await runCommand(doctor, { env: process.env, args: process.argv.slice(2) })
