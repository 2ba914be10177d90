import type { CardStore } from './card-store.ts'
import type { Card } from './notification/card.ts'
import { changePlace, doubtIfLess, type PlaceStep } from './notification/place-steps.ts'
import type { OpenCard } from './turns.ts'

/** Takes the step in the stored card, which is doubted where it knows less than the open one; undefined if it is gone. */
export async function changeOpen(
  store: Pick<CardStore, 'change'>,
  open: OpenCard,
  step: PlaceStep,
): Promise<Card | undefined> {
  const { key, place } = open
  // The open card may have news by the time that it is this step's turn.
  return await store.change(
    key,
    (stored) => stored && changePlace(doubtIfLess(stored, open.card, place), place, step),
  )
}
