import type { CardStore } from './card-store.ts'
import type { Card, Intent } from './notification/card.ts'
import { changePlace, intend } from './notification/place-steps.ts'
import type { Need } from './notification/plan.ts'
import type { OpenCard } from './turns.ts'

export interface Announced {
  readonly post: Extract<Need, { kind: 'post' }>
  readonly intent: Intent
}

/**
 * Writes the intent for the post that the stored card needs by now, which may be another than the one we knew of, or
 * none. `card` is the card as it is stored afterwards.
 */
export async function announce(
  open: OpenCard,
  store: CardStore,
  epoch: number,
  plan: (card: Card) => Need,
): Promise<{ readonly card: Card | undefined; readonly announced: Announced | undefined }> {
  let announced: Announced | undefined
  const card = await store.change(open.key, (stored) => {
    announced = undefined
    if (!stored) return stored
    const post = stored === open.card ? open.need : plan(stored)
    if (post.kind !== 'post') return stored
    const { effect, key, word, print } = post
    const intent = { effect, key, word, print, at: new Date().toISOString(), by: String(epoch) }
    announced = { post, intent }
    return changePlace(stored, open.place, intend(intent))
  })
  return { card, announced }
}
