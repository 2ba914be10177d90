// Owns the links from overtaken cards to the ones that overtook them.
// L1. An overtaken card waits for its successor's message, a little over the longest time that a start is held.
import { cardKey } from './card-keys.ts'
import type { CardStore } from './card-store.ts'
import type { Card, Sent } from './notification/card.ts'

const longestWaitMs = 65_000
const mostKept = 5_000

export class Successors {
  readonly #store: CardStore
  readonly #partitions: number
  readonly #signal: AbortSignal
  readonly #sent = new Map<string, Sent>()
  readonly #awaited = new Map<string, () => void>()

  constructor(store: CardStore, partitions: number, signal: AbortSignal) {
    this.#store = store
    this.#partitions = partitions
    this.#signal = signal
  }

  /** Where the card is that overtook this one, if its message is known. */
  of(card: Card, place: string): Sent | undefined {
    const key = this.#keyOf(card)
    return key === undefined ? undefined : this.#sent.get(`${place} ${key}`)
  }

  /** A card of this key is in this place now. */
  posted(key: string, place: string, sent: Sent): void {
    const id = `${place} ${key}`
    this.#sent.set(id, sent)
    const [oldest] = this.#sent.size > mostKept ? this.#sent.keys() : []
    if (oldest !== undefined) this.#sent.delete(oldest)
    this.#awaited.get(id)?.()
  }

  /** There will be no message of this card for now. */
  silent(key: string, place: string): void {
    this.#awaited.get(`${place} ${key}`)?.()
  }

  /** Whether there is a message to wait for before this card is told. */
  awaits(card: Card, place: string): boolean {
    return this.#keyOf(card) !== undefined && this.of(card, place) === undefined
  }

  /** Ends when the successor's message is known, when there will be none, or after a while. */
  async arrival(card: Card, place: string): Promise<void> {
    const key = this.#keyOf(card)
    if (key === undefined) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const id = `${place} ${key}`
    this.#awaited.set(id, resolve)
    const timer = setTimeout(resolve, longestWaitMs)
    this.#signal.addEventListener('abort', () => resolve(), { once: true })
    const next = await this.#store.load(key)
    const there = next?.places[place]?.card
    if (there) this.posted(key, place, there)
    else if (next?.story.kind === 'rollout' && next.story.hidden) resolve()
    await promise
    clearTimeout(timer)
    this.#awaited.delete(id)
  }

  #keyOf({ story }: Card): string | undefined {
    if (story.kind !== 'rollout' || story.shown.rollout.phase !== 'superseded') return undefined
    const { rollout } = story.shown
    const attempt = rollout.supersededBy?.attempt
    return attempt === undefined ? undefined : cardKey({ ...rollout, attempt }, this.#partitions)
  }
}
