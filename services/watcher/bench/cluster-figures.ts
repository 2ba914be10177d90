// Start, size and pace of one watcher in a busy cluster.
import { setTimeout as delay } from 'node:timers/promises'
import type { Bed, WatcherProcess } from './bed.ts'
import { type ClusterSize, deploymentPath } from './busy-cluster.ts'
import { type Figure, p50p99, say } from './figures.ts'

const idleSeconds = 30
const publishSeconds = 'hermod_watcher_publish_seconds'
const changesPerSecond = 20
const changes = 600

export async function startFigures(_: Bed, watcher: WatcherProcess): Promise<readonly Figure[]> {
  const watching = await watcher.until(
    'hermod_watcher_lists_total{resource="deployments",cause="start"}',
    (lists) => lists >= 1,
  )
  const snapshot = await watcher.until('hermod_watcher_snapshots_total', (snapshots) => snapshots >= 1)
  const cpu = await watcher.cpuSeconds()
  return [
    { what: 'watching after', asked: '2 s', measured: `${(watching / 1_000).toFixed(1)} s` },
    { what: 'snapshot published after', asked: '10 s', measured: `${(snapshot / 1_000).toFixed(1)} s` },
    { what: 'CPU until then', asked: '', measured: `${cpu.toFixed(1)} s` },
    ...(await sizeFigures(watcher, 'start')),
  ]
}

export async function restFigures(_: Bed, watcher: WatcherProcess): Promise<readonly Figure[]> {
  say('  at rest')
  await watcher.until('hermod_watcher_open_rollouts', (open) => open === 0)
  // What looked into the pods lingers for a minute.
  await delay(61_000)
  const before = await watcher.cpuSeconds()
  await delay(idleSeconds * 1_000)
  const percent = (((await watcher.cpuSeconds()) - before) / idleSeconds) * 100
  return [
    { what: 'CPU at rest', asked: '1 % of a core', measured: `${percent.toFixed(2)} %` },
    { what: 'RSS at rest', asked: '115 MiB', measured: `${(await watcher.memory('VmRSS')).toFixed(0)} MiB` },
  ]
}

/** Peak and stalls since the last time. */
export async function sizeFigures(watcher: WatcherProcess, when: string): Promise<readonly Figure[]> {
  await watcher.metric('process_cpu_seconds_total')
  const peak = await watcher.memory('VmHWM')
  const stall = watcher.longestStallMs
  await watcher.forgetPeak()
  watcher.forgetStalls()
  return [
    { what: `peak RSS, ${when}`, asked: '192 MiB', measured: `${peak.toFixed(0)} MiB` },
    { what: `longest stall, ${when}`, asked: '50 ms', measured: `${stall.toFixed(0)} ms` },
  ]
}

/** Event → acknowledgement, and beside each change a bare publish of the same size. */
export async function publishFigures(
  { plane, connection }: Bed,
  watcher: WatcherProcess,
  { namespaces }: ClusterSize,
): Promise<readonly Figure[]> {
  say(`  ${changes} changes at ${changesPerSecond} a second`)
  const bare: number[] = []
  const before = await watcher.buckets(publishSeconds)
  const underWay: Promise<unknown>[] = []
  for (let change = 0; change < changes; change++) {
    const from = performance.now()
    const template = { metadata: { annotations: { change: String(change) } } }
    underWay.push(plane.api.patch(deploymentPath(change % namespaces, 'd0'), { spec: { template } }))
    underWay.push(
      connection.jetstream.publish(`hermod.observation.0.bare.n.d${change}`, 'x'.repeat(2_500)).then(() => {
        bare.push(performance.now() - from)
      }),
    )
    await delay(1_000 / changesPerSecond)
  }
  await Promise.all(underWay)
  const after = await watcher.buckets(publishSeconds)
  return [
    {
      what: `event → acknowledged, ${changesPerSecond}/s`,
      asked: 'p50 3 ms, p99 50 ms or 10 × a bare p50',
      measured: `p50 ≤ ${bound(before, after, 0.5)} ms, p99 ≤ ${bound(before, after, 0.99)} ms`,
    },
    { what: 'bare publish beside it, fsync on', asked: '', measured: p50p99(bare) },
    ...(await sizeFigures(watcher, 'meanwhile')),
  ]
}

/** The bound of the bucket that holds the quantile, in milliseconds. */
function bound(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
  share: number,
): number {
  const counts = [...after].map(([seconds, count]) => [seconds, count - (before.get(seconds) ?? 0)] as const)
  const total = counts.at(-1)?.[1] ?? 0
  return 1_000 * (counts.find(([, count]) => count >= total * share)?.[0] ?? Number.NaN)
}
