// `npm run doctor`: asks the doctor of each process with the environment it is given, and tells the notifier's which
// channels the namespaces name. Exit code 0: no problem anywhere.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Finding, findingText } from '@hermod/runtime'

interface Report {
  readonly process: string
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

const root = join(import.meta.dirname, '..', '..', '..')
const programs = {
  provision: 'packages/jetstream/src/provision-main.ts',
  watcher: 'services/watcher/src/main.ts',
  dedupe: 'services/dedupe/src/main.ts',
  notifier: 'services/notifier/src/main.ts',
} as const

process.stdout.on('error', () => process.exit(0))
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    kubeconfig: { type: 'string' },
    'nats-monitor': { type: 'string' },
  },
})
const reports: Report[] = []
for (const name of ['provision', 'watcher', 'dedupe', 'notifier'] as const) {
  const report = await ask(name, argumentsFor(name))
  reports.push(report)
  if (!values.json)
    process.stdout.write(`${name}\n${report.findings.map((each) => `  ${findingText(each)}\n`).join('')}`)
}
const ok = reports.every((report) => report.ok)
if (values.json) process.stdout.write(`${JSON.stringify({ ok, reports })}\n`)
process.exit(ok ? 0 : 1)

function argumentsFor(name: keyof typeof programs): readonly string[] {
  const { kubeconfig, 'nats-monitor': monitor } = values
  if (name === 'provision' && monitor !== undefined) return ['--nats-monitor', monitor]
  if (name === 'watcher' && kubeconfig !== undefined) return ['--kubeconfig', kubeconfig]
  if (name !== 'notifier') return []
  const named = reports.flatMap(({ findings }) => findings.flatMap(({ channels = [] }) => channels))
  return named.length === 0 ? [] : ['--channels', [...new Set(named)].join(',')]
}

// A doctor that cannot even speak is a finding like any other.
async function ask(name: keyof typeof programs, args: readonly string[]): Promise<Report> {
  const words = [join(root, programs[name]), 'doctor', '--json', ...args]
  const child = spawn(process.execPath, words, { env: process.env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  await new Promise((resolve) => child.on('close', resolve))
  try {
    return JSON.parse(output) as Report
  } catch {
    const detail = errors.trim() || 'said nothing'
    return { process: name, ok: false, findings: [{ about: 'doctor', state: 'problem', detail }] }
  }
}
