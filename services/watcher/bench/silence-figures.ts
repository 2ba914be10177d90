// An API server that stands still: its connections stay open, and a quiet cluster has nothing to tell either.
import type { Bed, WatcherProcess } from './bed.ts'
import { type Figure, say } from './figures.ts'

const silences = 'hermod_watcher_requests_ended_total{resource="deployments",how="silent"}'

export async function silenceFigures({ plane }: Bed, watcher: WatcherProcess): Promise<readonly Figure[]> {
  say('  an API server that stands still')
  const before = await watcher.metric(silences)
  plane.apiServer.pause()
  const from = performance.now()
  await watcher.until(silences, (count) => count > before)
  const noticed = performance.now() - from
  plane.apiServer.resume()
  return [
    {
      what: 'an API server that stands still is noticed',
      asked: 'after 30 s',
      measured: `${(noticed / 1_000).toFixed(1)} s`,
    },
  ]
}
