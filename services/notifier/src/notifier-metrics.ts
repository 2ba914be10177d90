import type { Counter, Histogram, Labelled, Metrics } from '@hermod/runtime'

const sent = ['posted', 'edited', 'replied'] as const
const settled = ['found', 'absent', 'resent'] as const
const problems = ['rate-limited', 'unknown', 'retry', 'token', 'channel', 'payload', 'update-gone'] as const

const ends = ['done', 'dead'] as const

export interface NotifierMetrics {
  readonly sent: Labelled<Counter, { readonly action: typeof sent }>
  /** How calls failed, by what helps against it. */
  readonly failed: Labelled<Counter, { readonly kind: typeof problems }>
  /** How posts of unknown outcome were settled. */
  readonly settled: Labelled<Counter, { readonly how: typeof settled }>
  readonly messages: Labelled<Counter, { readonly end: typeof ends }>
  /** Transitions that made no card, by why. */
  readonly untold: Labelled<Counter, { readonly reason: { readonly atMost: number } }>
  readonly coalesced: Counter
  readonly held: Counter
  readonly postedByName: Counter
  readonly givenUp: Counter
  readonly latency: Histogram
}

export interface QueueFigures {
  readonly depth: () => number
  readonly oldestSeconds: () => number
  readonly parkedChannels: () => number
  readonly refusedChannels: () => number
}

export function createNotifierMetrics(metrics: Metrics, queue: QueueFigures): NotifierMetrics {
  metrics.gauge({
    name: 'hermod_notifier_open_cards',
    help: 'Cards of which Slack does not have the newest state',
    read: queue.depth,
  })
  metrics.gauge({
    name: 'hermod_notifier_oldest_open_seconds',
    help: 'For how long the oldest of them has waited',
    read: queue.oldestSeconds,
  })
  metrics.gauge({
    name: 'hermod_notifier_parked_channels',
    help: 'Channels that cannot take cards',
    read: queue.parkedChannels,
  })
  metrics.gauge({
    name: 'hermod_notifier_refused_channels',
    help: 'Channels that annotations named within a day and that cannot be used',
    read: queue.refusedChannels,
  })
  return {
    sent: metrics.counters({
      name: 'hermod_notifier_sent_total',
      help: 'Messages that Slack accepted',
      labels: { action: sent },
    }),
    failed: metrics.counters({
      name: 'hermod_notifier_failed_calls_total',
      help: 'Calls that Slack did not accept, by what helps against it',
      labels: { kind: problems },
    }),
    settled: metrics.counters({
      name: 'hermod_notifier_unknown_outcomes_total',
      help: 'Posts whose answer was lost, or that NATS lost, by how that was settled',
      labels: { how: settled },
    }),
    messages: metrics.counters({
      name: 'hermod_notifier_messages_total',
      help: 'Transitions that are done with; dead: kept aside, since they cannot be processed',
      labels: { end: ends },
    }),
    untold: metrics.counters({
      name: 'hermod_notifier_untold_transitions_total',
      help: 'Transitions that changed no card, by reason',
      labels: { reason: { atMost: 8 } },
    }),
    coalesced: metrics.counter({
      name: 'hermod_notifier_coalesced_total',
      help: 'States that were overtaken by newer ones before they were sent',
    }),
    held: metrics.counter({
      name: 'hermod_notifier_held_starts_total',
      help: 'Starts that waited because edits were waiting',
    }),
    postedByName: metrics.counter({
      name: 'hermod_notifier_posted_by_name_total',
      help: 'Posts to a channel whose id could not be learnt: at least once, not exactly',
    }),
    givenUp: metrics.counter({
      name: 'hermod_notifier_given_up_total',
      help: 'Cards that their channel did not take for 7 days',
    }),
    latency: metrics.histogram({
      name: 'hermod_notifier_delivery_seconds',
      help: 'From when it happened to when Slack accepted it',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200],
    }),
  }
}
