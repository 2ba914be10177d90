// Owns the way of a transition into its card.
// I1. Order: card in KV, open mark, hand-over to the delivery, ack. A crash in between repeats the transition, and the
//     same transition taken in again changes nothing that is told.
// I2. The delivery gets the card as soon as it is stored; nothing on that way waits for a timer or reads anew.
import type { RolloutTransition } from '@hermod/contracts'
import type { Outcome } from '@hermod/jetstream'
import type { Logger } from '@hermod/runtime'
import { cardKey } from './card-keys.ts'
import type { CardStore } from './card-store.ts'
import type { Delivery } from './deliver-cards.ts'
import { route, type RouteSettings } from './notification/route.ts'
import { takeIn, type TakenIn } from './notification/take-in.ts'
import type { NotifierMetrics } from './notifier-metrics.ts'

export interface InboxDeps {
  readonly store: CardStore
  readonly delivery: Pick<Delivery, 'offer'>
  readonly settings: RouteSettings
  readonly partitions: number
  readonly metrics: NotifierMetrics
  readonly log: Logger
  /** Unix ms. */
  readonly now?: () => number
}

export async function takeInTransition(transition: RolloutTransition, deps: InboxDeps): Promise<Outcome> {
  const { store, delivery, settings, partitions, metrics, log, now = Date.now } = deps
  const way = route(transition.rollout, settings)
  const key = cardKey(transition.rollout, partitions)
  let taken: TakenIn | undefined
  const guess = transition.kind === 'started' ? 'absent' : undefined
  const card = await store.change(
    key,
    (stored) => {
      taken = takeIn(stored, transition, way, now())
      return taken.card
    },
    guess,
  )
  const { cluster, namespace, name } = transition.rollout
  log.info(
    { cluster, namespace, name, kind: transition.kind, card: key, reason: taken?.reason },
    'transition taken in',
  )
  if (!card || taken?.card !== card || taken.reason === 'older than its card') {
    metrics.untold.with({ reason: taken?.reason ?? 'none' }).inc()
    return { kind: 'done' }
  }
  const marked = store.markOpen(key, Object.keys(card.places))
  delivery.offer(key, card)
  await marked
  return { kind: 'done' }
}
