// Transition published → Slack request, one rollout at a time, fsync on. Prints p50, p95 and p99 of start and end.
// node bench/latency.ts [rounds] [--no-sync] [dist/notifier.mjs]
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { TransitionKind } from '@hermod/contracts'
import { noBudgets, startProcess } from '@hermod/testkit'
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
await using _notifier = await startProcess(process.execPath, [file], {
  env: { ...bed.env, SLACK_EDITS_PER_MINUTE: '600' },
})
await bed.slack.waitForCall(({ method }) => method === 'auth.test')
const taken = { started: [] as number[], succeeded: [] as number[] }

for (let round = 0; round < rounds; round++) {
  for (const kind of ['started', 'succeeded'] as const) taken[kind].push(await time(kind, round))
  await delay(100)
}
for (const [kind, times] of Object.entries(taken)) {
  const sorted = times.slice(10).toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * sorted.length)] ?? Number.NaN).toFixed(1)
  console.log(`${kind}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms (n ${sorted.length})`)
}

async function time(kind: TransitionKind & keyof typeof taken, round: number): Promise<number> {
  const phase = kind === 'succeeded' ? 'complete' : 'progressing'
  const channel = `c${round % 50}`
  const facts = {
    name: `app-${round}`,
    uid: `uid-${round}`,
    phase,
    namespaceAnnotations: { 'hermod.uswitch.com/slack': channel },
  } as const
  const calls = bed.slack.calls.length
  const arrived = new Promise<number>((resolve) => {
    const stop = bed.slack.onCall(({ id, method }) => {
      if (id <= calls || !method.startsWith('chat.')) return
      stop()
      resolve(performance.now())
    })
  })
  const started = performance.now()
  await bed.publish(transition(kind, kind === 'started' ? 1 : 2, facts, new Date().toISOString()))
  const at = await arrived
  await delay(20)
  return at - started
}
