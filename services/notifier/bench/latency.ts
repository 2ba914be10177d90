// Transition published → Slack request, one rollout at a time, fsync on. Prints p50, p95 and p99 of start and end, beside
// those of a bare publish, in the same run.
// node bench/latency.ts [rounds] [--hang | --limited] [dist/notifier.mjs]
// --hang: the calls for another channel hang meanwhile; --limited: another channel is refused with Retry-After 30.
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { noBudgets, shippedStart, slackFault, startProcess } from '@hermod/testkit'
import { transition } from '../src/notification/testdata/rollouts.ts'
import { startBed } from './notifier-bed.ts'

const rounds = Number(process.argv[2] ?? 100)

await using bed = await startBed(
  { channels: Array.from({ length: 50 }, (_, index) => `c${index}`), budgets: noBudgets },
  true,
)
const file =
  process.argv.find((argument) => argument.endsWith('.mjs')) ??
  fileURLToPath(new URL('../src/main.ts', import.meta.url))
const image = shippedStart('notifier')
await using _notifier = await startProcess(process.execPath, [...image.flags, ...process.execArgv, file], {
  env: { ...bed.env, ...image.env, SLACK_EDITS_PER_MINUTE: '600' },
})
await bed.slack.waitForCall(({ method }) => method === 'auth.test')
const taken = { started: [] as number[], succeeded: [] as number[], 'bare publish': [] as number[] }
if (process.argv.includes('--hang')) bed.slack.inject({ kind: 'hang' }, { channel: 'c0' })
if (process.argv.includes('--limited')) bed.slack.inject(slackFault.rateLimited(30), { channel: 'c0' })

for (let round = 0; round < rounds; round++) {
  if (round % 10 === 0) await publish('started', round, 'c0')
  for (const kind of ['started', 'succeeded'] as const) taken[kind].push(await time(kind, round))
  taken['bare publish'].push(await timeBarePublish(round))
  await delay(100)
}
for (const [kind, times] of Object.entries(taken)) {
  const sorted = times.slice(10).toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * sorted.length)] ?? Number.NaN).toFixed(1)
  console.log(`${kind}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms (n ${sorted.length})`)
}

async function time(kind: 'started' | 'succeeded', round: number): Promise<number> {
  const name = `c${1 + (round % 49)}`
  const channel = bed.slack.channel(name).id
  const calls = bed.slack.calls.length
  const arrived = new Promise<number>((resolve) => {
    const stop = bed.slack.onCall((call) => {
      if (call.id <= calls || !call.method.startsWith('chat.') || call.channel !== channel) return
      stop()
      resolve(performance.now())
    })
  })
  const started = performance.now()
  await publish(kind, round, name)
  const at = await arrived
  // What follows the request, up to the acknowledgement, is not part of the next one.
  await delay(60)
  return at - started
}

async function publish(kind: 'started' | 'succeeded', round: number, channel: string): Promise<void> {
  const facts = {
    name: `app-${channel}-${round}`,
    uid: `uid-${channel}-${round}`,
    phase: kind === 'succeeded' ? 'complete' : 'progressing',
    namespaceAnnotations: { 'hermod.uswitch.com/slack': channel },
  } as const
  await bed.publish(transition(kind, kind === 'started' ? 1 : 2, facts, new Date().toISOString()))
}

async function timeBarePublish(round: number): Promise<number> {
  await delay(20)
  const started = performance.now()
  await bed.connection.jetstream.publish(`$KV.clusters.bench-${round}`, 'x'.repeat(4_000))
  return performance.now() - started
}
