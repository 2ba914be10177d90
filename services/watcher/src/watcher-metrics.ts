import type { Counter, Gauge, Histogram, Labelled, Metrics } from '@hermod/runtime'

const resources = ['namespaces', 'deployments', 'replicasets', 'pods'] as const
const endings = [
  'closed',
  'silent',
  'unmarked',
  'expired',
  'broken',
  'malformed',
  'too-large',
  'status',
  'listed',
] as const
const causes = ['start', 'gap', 'periodic', 'poll'] as const
const mostNamespaces = 100
const occasions = ['changed', 'progress', 'again', 'snapshot'] as const

export type Resource = (typeof resources)[number]

type Domains = {
  readonly ends: { readonly resource: typeof resources; readonly how: typeof endings }
  readonly lists: { readonly resource: typeof resources; readonly cause: typeof causes }
  readonly observations: { readonly occasion: typeof occasions }
  readonly unreadable: { readonly resource: typeof resources }
  readonly refused: { readonly resource: typeof resources; readonly namespace: { readonly atMost: number } }
}

export interface WatcherMetrics {
  readonly requestsEnded: Labelled<Counter, Domains['ends']>
  readonly lists: Labelled<Counter, Domains['lists']>
  readonly observations: Labelled<Counter, Domains['observations']>
  readonly unreadable: Labelled<Counter, Domains['unreadable']>
  readonly refused: Labelled<Gauge, Domains['refused']>
  readonly droppedObservations: Counter
  readonly publishSeconds: Histogram
  readonly streamsLost: Counter
  readonly snapshots: Counter
}

export function watcherMetrics(metrics: Metrics): WatcherMetrics {
  return {
    requestsEnded: metrics.counters({
      name: 'hermod_watcher_requests_ended_total',
      help: 'How lists and watches ended: silent = our own timer, expired = 410, status = refused',
      labels: { resource: resources, how: endings },
    }),
    lists: metrics.counters({
      name: 'hermod_watcher_lists_total',
      help: 'Complete lists: gap = a watch could not be resumed',
      labels: { resource: resources, cause: causes },
    }),
    observations: metrics.counters({
      name: 'hermod_watcher_observations_total',
      help: 'Observations that the stream acknowledged',
      labels: { occasion: occasions },
    }),
    unreadable: metrics.counters({
      name: 'hermod_watcher_objects_unreadable_total',
      help: 'Objects of the API server that we could not make sense of and left out',
      labels: { resource: resources },
    }),
    refused: metrics.gauges({
      name: 'hermod_watcher_collections_refused',
      help: 'Collections that we may not read; without a namespace: of the whole cluster',
      labels: { resource: resources, namespace: { atMost: mostNamespaces } },
    }),
    droppedObservations: metrics.counter({
      name: 'hermod_watcher_observations_dropped_total',
      help: 'Observations given up because more than 16 of one Deployment waited',
    }),
    publishSeconds: metrics.histogram({
      name: 'hermod_watcher_publish_seconds',
      help: 'From the reading of a change to the acknowledgement of its observation by the stream, waits included',
      buckets: [0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 2, 10],
    }),
    streamsLost: metrics.counter({
      name: 'hermod_watcher_streams_lost_total',
      help: 'Times that the stream OBSERVATIONS was found made anew',
    }),
    snapshots: metrics.counter({
      name: 'hermod_watcher_snapshots_total',
      help: 'Snapshots published, whole ones and parts',
    }),
  }
}

export interface WatcherFigures {
  readonly deployments: () => number
  readonly openRollouts: () => number
  readonly held: () => number
}

/** What is asked at each scrape. */
export function watcherGauges(metrics: Metrics, { deployments, openRollouts, held }: WatcherFigures): void {
  metrics.gauge({
    name: 'hermod_watcher_deployments',
    help: 'Deployments known, in the scope or not',
    read: deployments,
  })
  metrics.gauge({
    name: 'hermod_watcher_open_rollouts',
    help: 'Rollouts that are looked at every 15 s',
    read: openRollouts,
  })
  metrics.gauge({
    name: 'hermod_watcher_observations_held',
    help: 'Observations that wait to be published',
    read: held,
  })
}
