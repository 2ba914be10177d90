// Owns one term of the lease: everything that only its holder may do.
// T1. Nothing read before the term is believed: store and channels begin empty.
// T2. At its end the inbox stops first, then the delivery; each finishes what is under way, within a grace time.
import {
  buckets,
  decodeEvent,
  parseTransition,
  type RolloutTransition,
  streams,
  transitionConsumer,
} from '@hermod/contracts'
import {
  type Bucket,
  consume,
  type JetStreamConnection,
  openBucket,
  type Publisher,
  type Report,
  type Term,
} from '@hermod/jetstream'
import { ended, type Logger } from '@hermod/runtime'
import { createCardStore } from './card-store.ts'
import { createChannels, parseKnownChannel } from './channels.ts'
import { type Delivery, deliverCards } from './deliver-cards.ts'
import { forgetOldCards } from './forget-old-cards.ts'
import type { Memory } from './memory.ts'
import { parseCard } from './notification/parse-card.ts'
import type { RenderSettings } from './notification/render-settings.ts'
import type { RouteSettings } from './notification/route.ts'
import type { NotifierMetrics } from './notifier-metrics.ts'
import { hearRetryRequests } from './parked-cards.ts'
import type { SlackClient } from './slack-client.ts'
import { takeInTransition } from './take-in-transitions.ts'
import type { TokenGate } from './token-gate.ts'

export interface TermDeps {
  readonly connection: JetStreamConnection
  readonly publisher: Publisher
  readonly partitions: number
  readonly slack: SlackClient
  readonly memory: Memory
  readonly gate: TokenGate
  readonly metrics: NotifierMetrics
  readonly log: Logger
  readonly report: Report
  /** Told of exceptions that are no outage. */
  readonly onFault: (error: unknown) => void
  readonly settings: RenderSettings & RouteSettings
  readonly fallbackChannel: string | undefined
  readonly editsPerMinute: number
  readonly retentionMs: number
  readonly readBackWaitMs: number
  /** The longest that a call to Slack takes. */
  readonly callTimeoutMs: number
  /** Told of the delivery of this term, and of its end. */
  readonly onDelivery: (delivery: Delivery | undefined) => void
}

/** A silent NATS takes 2 s more, for the lease and the connection; a process has 10 s to end. */
const graceMs = 7_000

/** Takes transitions in and delivers cards until the term ends. */
export async function runTerm(term: Term, deps: TermDeps): Promise<void> {
  const { connection, publisher, partitions, slack, memory, metrics, log, report, settings } = deps
  const over = new AbortController()
  const bucket = <T>(parse: Parameters<typeof openBucket<T>>[0]['parse']): Bucket<T> =>
    openBucket({ connection, bucket: buckets.cards.name, parse, report })
  const store = createCardStore({
    cards: bucket(parseCard),
    marks: bucket(parseMark),
    connection,
    signal: over.signal,
    termSignal: term.signal,
    saw: memory.saw,
  })
  const channels = createChannels(bucket(parseKnownChannel), slack)
  // Before anything is read; whoever needs the answer hears what is wrong with it.
  memory.renew().catch(() => undefined)
  const delivery = deliverCards({ ...deps, term, store, channels })
  deps.onDelivery(delivery)
  const retry = (channel: string): void => delivery.retry(channel)
  using _requests = hearRetryRequests(bucket(parseMark), retry, log, over.signal)
  const inboxDeps = { store, settings, partitions, metrics, log, memory, delivery }
  const inbox = consume<RolloutTransition>({
    connection,
    publisher,
    log,
    report,
    stream: streams.rollouts.name,
    consumers: Array.from({ length: partitions }, (_, partition) => transitionConsumer(partition).name),
    service: 'notifier',
    decode(body) {
      const event = decodeEvent(new TextDecoder().decode(body), parseTransition)
      return event.kind === 'ok' ? { kind: 'ok', value: event.value.data } : event
    },
    onFault: deps.onFault,
    onSettled: (_, { kind }) =>
      metrics.messages.with({ end: kind === 'dead-letter' ? 'dead' : 'done' }).inc(),
    handle: async (transition) => await takeInTransition(transition, inboxDeps),
  })
  const forgetting = forgetOldCards({ store, retentionMs: deps.retentionMs, log, signal: term.signal }).catch(
    (error: unknown) => {
      if (!term.signal.aborted) log.error({ err: error }, 'old cards are not forgotten in this term')
    },
  )
  await ended(term.signal)
  deps.onDelivery(undefined)
  const grace = setTimeout(() => over.abort(new Error('the grace time of the term is over')), graceMs)
  await inbox[Symbol.asyncDispose]()
  await Promise.race([delivery[Symbol.asyncDispose](), ended(over.signal)])
  await forgetting
  clearTimeout(grace)
}

function parseMark(): { readonly kind: 'ok'; readonly value: unknown } {
  return { kind: 'ok', value: undefined }
}
