import { createLogger, createMetrics, createScrubber, type Logger, type Metrics } from '@hermod/runtime'
import { ApiHealth } from '../api-health.ts'
import { watcherMetrics } from '../watcher-metrics.ts'

export function quietLog(): Logger {
  const write = (): void => undefined
  return createLogger({ service: 'test', level: 'error', scrubber: createScrubber(), write })
}

/** What is known of our sight of the API server, when a part is tested alone. */
export function quietHealth(metrics: Metrics = createMetrics({ processMetrics: false })): ApiHealth {
  return new ApiHealth(quietLog(), watcherMetrics(metrics))
}
