// Owns the way of a transition into its card.
// I1. Order: card in KV, hand-over to the delivery, open mark, ack. A crash in between repeats the transition, and the
//     same transition taken in again changes nothing that is told.
// I2. What may go at once goes after one write at most: a card is stored with the intent of its post, and an edit does not
//     wait for it. Nothing on that way waits for a timer or reads anew.
import { setImmediate } from 'node:timers/promises'
import { type RolloutTransition, rolloutTraceId } from '@hermod/contracts'
import type { Outcome } from '@hermod/jetstream'
import type { Logger } from '@hermod/runtime'
import { attemptOfKey, attemptsFilter, cardKey, deletionKey } from './card-keys.ts'
import type { CardStore } from './card-store.ts'
import type { Delivery } from './deliver-cards.ts'
import type { Memory } from './memory.ts'
import type { Card } from './notification/card.ts'
import { type Route, type RouteSettings, route } from './notification/route.ts'
import { deletionCard, overtake, type TakenIn, takeIn } from './notification/take-in.ts'
import type { NotifierMetrics } from './notifier-metrics.ts'

export interface InboxDeps {
  readonly store: CardStore
  readonly delivery: Pick<Delivery, 'begin' | 'offer' | 'lacking' | 'refuse'>
  readonly settings: RouteSettings
  readonly partitions: number
  readonly metrics: NotifierMetrics
  readonly log: Logger
  readonly memory: Pick<Memory, 'refresh' | 'since'>
  /** Unix ms. */
  readonly now?: () => number
}

export async function takeInTransition(transition: RolloutTransition, deps: InboxDeps): Promise<Outcome> {
  const { store, delivery, memory, settings, partitions, metrics, log, now = Date.now } = deps
  const { cluster, namespace, name } = transition.rollout
  const way = route(transition.rollout, settings)
  const key = cardKey(transition.rollout, partitions)
  const { card, reason } = await storeCard(key, transition, way, deps)
  const isNews = news.has(reason)
  // A start that is delivered again may not have been seen to its end.
  const begins = reason === 'new card' || (isNews && transition.kind === 'started')
  if (isNews)
    await handOver(key, card, deps, begins ? async () => await closeOvertaken(transition, deps) : undefined)
  else metrics.untold.with({ reason }).inc()
  const traceId = rolloutTraceId(transition.rollout)
  log.info(
    { traceId, cluster, namespace, deployment: name, kind: transition.kind, card: key, reason },
    'transition taken in',
  )

  const deletion = deletionCard(card, transition, way, now(), memory.since)
  if (deletion) {
    const own = deletionKey(transition.rollout, partitions)
    await handOver(own, await store.change(own, (stored) => stored ?? deletion), deps)
  }
  // Whoever is told nowhere else for a wrong channel is told of that.
  if (begins || reason === 'nobody is to hear of it')
    for (const { channel, problem } of way.refused)
      await delivery.refuse(channel, problem, `${namespace}/${name}`, way.channels)
  return { kind: 'done' }
}

const attemptsLookedAt = 4
const news: ReadonlySet<TakenIn['reason']> = new Set(['new card', 'news for its card'])

// When somebody else was first the transition is taken into the newer card, and what was begun for the older does not go.
async function storeCard(
  key: string,
  transition: RolloutTransition,
  way: Route,
  { store, delivery, memory, now = Date.now }: InboxDeps,
): Promise<TakenIn> {
  await memory.refresh()
  const stored = Promise.withResolvers<Card | undefined>()
  let reason: TakenIn['reason'] = 'older than its card'
  let card: Card | undefined
  const change = (before: Card | undefined): Card | undefined => {
    const taken = takeIn(before, transition, way, now(), memory.since)
    reason = taken.reason
    return taken.card && news.has(reason) ? delivery.begin(key, taken.card, stored.promise) : taken.card
  }
  try {
    card = await store.change(key, change, transition.kind === 'started' ? 'absent' : undefined)
    return { card, reason }
  } finally {
    stored.resolve(card)
  }
}

async function handOver(
  key: string,
  card: Card | undefined,
  { store, delivery }: InboxDeps,
  beside?: () => Promise<void>,
): Promise<void> {
  if (!card) return
  delivery.offer(key, card)
  // The request to Slack is written first: only the acknowledgement waits for what follows.
  await setImmediate()
  await Promise.all([store.markOpen(key, delivery.lacking(key, card)), beside?.()])
}

// Whoever says that an attempt was overtaken may have been away when it was. Cards are kept for a month: a start looks
// at the few before it, so each is looked at by as many, and no start reads them all.
async function closeOvertaken(next: RolloutTransition, deps: InboxDeps): Promise<void> {
  const { store, memory, partitions, now = Date.now } = deps
  const older = (await store.keys(attemptsFilter(next.rollout, partitions)))
    .filter((key) => attemptOfKey(key) < next.rollout.attempt)
    .toSorted((one, other) => attemptOfKey(one) - attemptOfKey(other))
  for (const key of older.slice(-attemptsLookedAt)) {
    const before = await store.load(key)
    const after = await store.change(key, (card) => card && overtake(card, next, now(), memory.since))
    // Whoever closed it may have died before it was marked.
    const isOpen = after !== undefined && deps.delivery.lacking(key, after).length > 0
    if (after !== before || isOpen) await handOver(key, after, deps)
  }
}
