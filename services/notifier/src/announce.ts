import type { CardStore } from './card-store.ts'
import type { Card, Intent } from './notification/card.ts'
import { changePlace, doubtIfLess, intend } from './notification/place-steps.ts'
import type { Need } from './notification/plan.ts'
import type { OpenCard } from './turns.ts'

export type Post = Extract<Need, { kind: 'post' }>

/** A post whose intent is stored, or is being stored with its card. */
export interface Announced {
  readonly post: Post
  readonly intent: Intent
}

/** `at` is when, `epoch` the term of whoever is to send it. */
export function announced(post: Post, at: Date, epoch: number): Announced {
  const { effect, key, word, print } = post
  return { post, intent: { effect, key, word, print, at: at.toISOString(), by: String(epoch) } }
}

/**
 * Writes the intent for the post that the stored card needs by now, which may be another than the one we knew of, or
 * none. `card` is the card as it is stored afterwards.
 */
export async function announce(
  open: OpenCard,
  store: CardStore,
  plan: (card: Card) => Need,
  announcing: (post: Post) => Announced,
): Promise<{ readonly card: Card | undefined; readonly announced: Announced | undefined }> {
  let announced: Announced | undefined
  const card = await store.change(open.key, (stored) => {
    announced = undefined
    if (!stored) return stored
    const card = doubtIfLess(stored, open.card, open.place)
    const post = card === open.card ? open.need : plan(card)
    if (post.kind !== 'post') return card
    announced = announcing(post)
    return changePlace(card, open.place, intend(announced.intent))
  })
  return { card, announced }
}
