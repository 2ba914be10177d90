// `npm run bench -- [ROLLOUTS]`: how long a rollout's start and end take to reach Slack, and where the time goes.
// The services run as shipped, every write of the broker is flushed to the disk; the cluster is a real control plane on the same cores.
import { eventually, noBudgets } from '@hermod/testkit'
import { bundlePrograms } from './as-shipped.ts'
import { latencyTable, type Row } from './latency-table.ts'
import { startCluster, startPipeline } from './pipeline.ts'
import { type RolloutTimes, type Stage, startRolloutClock } from './rollout-clock.ts'

// Slack takes one post a second in a channel: so many channels that none is asked for more.
const channels = Array.from({ length: 20 }, (_, index) => `bench-${index}`)
const warmUp = 10

const [rollouts = 60] = process.argv.slice(2).map(Number)
if (!Number.isInteger(rollouts) || rollouts < 1) {
  process.stderr.write('usage: npm run bench -- [ROLLOUTS], a whole number\n')
  process.exit(2)
}

await using cluster = await startCluster()
const { operator } = cluster
for (const channel of channels) {
  await operator.createNamespace(channel, channel)
  await operator.create({ namespace: channel, name: 'web', replicas: 2 })
}
for (const channel of channels)
  await eventually(() => operator.checkComplete(channel, 'web'), { timeoutMs: 60_000 })
await using bundles = await bundlePrograms()
await using pipeline = await startPipeline({
  cluster,
  bundles: bundles.path,
  slack: { channels, budgets: noBudgets },
  settings: { notifier: { SLACK_EDITS_PER_MINUTE: '600' } },
})
await using clock = await startRolloutClock(cluster, pipeline)

interface Measured extends RolloutTimes {
  readonly sentAt: number
  readonly answeredAt: number
}

const now = (): number => performance.timeOrigin + performance.now()
const measured: Measured[] = []
for (let index = 0; index < warmUp + rollouts; index++) {
  const channel = channels[index % channels.length] ?? ''
  const sentAt = now()
  await operator.setTag(channel, 'web', `t${index}`)
  const answeredAt = now()
  const times = await eventually(() => {
    const reached = clock.timesOf(`t${index}`)
    if (reached['end: Slack request'] === undefined)
      throw new Error(`t${index} got to ${JSON.stringify(reached)}`)
    return reached
  })
  if (index >= warmUp) measured.push({ sentAt, answeredAt, ...times })
}

type Moment = Stage | 'sentAt' | 'answeredAt'

/** Rollouts that were over before their start was posted have no start at Slack. */
function between(from: Moment, to: Moment, peers?: string): Row {
  const samples = measured.flatMap((times) => {
    const [begin, end] = [times[from], times[to]]
    return begin === undefined || end === undefined ? [] : [end - begin]
  })
  const what = `${names[from] ?? from} → ${to.replace(/^\w+: /, '')}`
  return { what, samples, ...(peers !== undefined && { peers }) }
}

const names: Partial<Record<Moment, string>> = { sentAt: 'API write', answeredAt: 'API answer' }

// Measured on 2026-11-22 on two cores like these, with a real control plane and the same stand-in for Slack.
const peers = {
  firstPost: 'hermod 29 / 43, deploy-notifier 25 / 30, kubewatch 7 / 18',
  success: 'hermod 8 / 14, deploy-notifier never, kubewatch never',
}

const table = latencyTable([
  between('sentAt', 'start: Slack request', peers.firstPost),
  between('answeredAt', 'start: Slack request'),
  between('sentAt', 'start: API event'),
  between('start: API event', 'start: observation stored'),
  between('start: observation stored', 'start: transition stored'),
  between('start: transition stored', 'start: Slack request'),
  between('end: API event', 'end: Slack request', peers.success),
  between('end: API event', 'end: observation stored'),
  between('end: observation stored', 'end: transition stored'),
  between('end: transition stored', 'end: Slack request'),
])
process.stdout.write(`${measured.length} rollouts, one at a time; milliseconds\n\n${table}\n`)
