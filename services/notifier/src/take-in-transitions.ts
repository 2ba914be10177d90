// Owns the way of a transition into its card.
// I1. Order: card in KV, hand-over to the delivery, open mark, ack. A crash in between repeats the transition, and the
//     same transition taken in again changes nothing that is told.
// I2. The delivery gets the card as soon as it is stored; nothing on that way waits for a timer or reads anew.
import { setImmediate } from 'node:timers/promises'
import { type RolloutTransition, rolloutTraceId } from '@hermod/contracts'
import type { Outcome } from '@hermod/jetstream'
import type { Logger } from '@hermod/runtime'
import { attemptsFilter, cardKey, deletionKey } from './card-keys.ts'
import type { CardStore } from './card-store.ts'
import type { Delivery } from './deliver-cards.ts'
import type { Card } from './notification/card.ts'
import { type RouteSettings, route } from './notification/route.ts'
import { deletionCard, overtake, type TakenIn, takeIn } from './notification/take-in.ts'
import type { NotifierMetrics } from './notifier-metrics.ts'

export interface InboxDeps {
  readonly store: CardStore
  readonly delivery: Pick<Delivery, 'offer' | 'refuse'>
  readonly settings: RouteSettings
  readonly partitions: number
  readonly metrics: NotifierMetrics
  readonly log: Logger
  /** Unix ms. */
  readonly now?: () => number
}

export async function takeInTransition(transition: RolloutTransition, deps: InboxDeps): Promise<Outcome> {
  const { store, delivery, settings, partitions, metrics, log, now = Date.now } = deps
  const { cluster, namespace, name } = transition.rollout
  const way = route(transition.rollout, settings)
  const key = cardKey(transition.rollout, partitions)
  let taken: TakenIn | undefined
  const card = await store.change(
    key,
    (stored) => {
      taken = takeIn(stored, transition, way, now())
      return taken.card
    },
    transition.kind === 'started' ? 'absent' : undefined,
  )
  const reason = taken?.reason ?? 'older than its card'
  const traceId = rolloutTraceId(transition.rollout)
  log.info(
    { traceId, cluster, namespace, name, kind: transition.kind, card: key, reason },
    'transition taken in',
  )
  const isNews = reason === 'new card' || reason === 'news for its card'
  // A start that is delivered again may not have been seen to its end.
  const begins = reason === 'new card' || (isNews && transition.kind === 'started')
  if (isNews)
    await handOver(key, card, deps, begins ? async () => await closeOvertaken(transition, deps) : undefined)
  else metrics.untold.with({ reason }).inc()

  const deletion = deletionCard(card, transition, way, now())
  if (deletion) {
    const own = deletionKey(transition.rollout, partitions)
    await handOver(own, await store.change(own, (stored) => stored ?? deletion), deps)
  }
  if (begins)
    for (const { channel, problem } of way.refused)
      await delivery.refuse(channel, problem, `${namespace}/${name}`)
  return { kind: 'done' }
}

async function handOver(
  key: string,
  card: Card | undefined,
  { store, delivery }: InboxDeps,
  beside?: () => Promise<void>,
): Promise<void> {
  if (!card) return
  delivery.offer(key, card)
  // The intent is written first: only the acknowledgement waits for what follows.
  await setImmediate()
  await Promise.all([store.markOpen(key, Object.keys(card.places)), beside?.()])
}

// Whoever says that an attempt was overtaken may have been away when it was.
async function closeOvertaken(next: RolloutTransition, deps: InboxDeps): Promise<void> {
  const { store, partitions, now = Date.now } = deps
  for (const key of await store.keys(attemptsFilter(next.rollout, partitions))) {
    if (Number(key.slice(key.lastIndexOf('.') + 1)) >= next.rollout.attempt) continue
    const before = await store.load(key)
    const after = await store.change(key, (card) => card && overtake(card, next, now()))
    if (after !== before) await handOver(key, after, deps)
  }
}
