import type { Counter, Labelled, Metrics } from '@hermod/runtime'

const ways = ['read', 'write'] as const

export function cacheFailures(metrics: Metrics): Labelled<Counter, { readonly to: typeof ways }> {
  return metrics.counters({
    name: 'hermod_dedupe_cache_failures_total',
    help: 'Cache files that could not be read or written',
    labels: { to: ways },
  })
}
