// Owns the links from overtaken cards to the ones that overtook them.
// L1. An overtaken card waits for its successor's message, a little over the longest time that a start is held.
// L2. Whoever waits leaves nothing behind: a term may last for months.
import { Alarm } from './alarm.ts'
import { cardKey } from './card-keys.ts'
import type { CardStore } from './card-store.ts'
import type { Card, Sent } from './notification/card.ts'
import type { Time } from './time.ts'

const longestWaitMs = 65_000
/** As many as cards are kept in memory. */
const mostKept = 2_000

export class Successors {
  readonly #store: Pick<CardStore, 'load'>
  readonly #partitions: number
  readonly #time: Time
  readonly #signal: AbortSignal
  readonly #sent = new Map<string, Sent>()
  readonly #awaited = new Map<string, Set<Alarm>>()

  constructor(store: Pick<CardStore, 'load'>, partitions: number, time: Time, signal: AbortSignal) {
    this.#store = store
    this.#partitions = partitions
    this.#time = time
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
    this.#ring(id)
  }

  /** There will be no message of this card for now. */
  silent(key: string, place: string): void {
    this.#ring(`${place} ${key}`)
  }

  /** Whether there is a message to wait for before this card is told. */
  awaits(card: Card, place: string): boolean {
    return this.#keyOf(card) !== undefined && this.of(card, place) === undefined
  }

  /** Ends when the successor's message is known, when there will be none, or after a while. */
  async arrival(card: Card, place: string): Promise<void> {
    const key = this.#keyOf(card)
    if (key === undefined) return
    const id = `${place} ${key}`
    const alarm = new Alarm(this.#time)
    const waiting = this.#awaited.get(id) ?? new Set()
    this.#awaited.set(id, waiting.add(alarm))
    const over = alarm.wait(this.#time.now() + longestWaitMs, this.#signal)
    try {
      await this.#look(key, place)
      await over
    } finally {
      alarm.ring()
      waiting.delete(alarm)
      if (waiting.size === 0) this.#awaited.delete(id)
    }
  }

  // What was sent before this term is known to the store alone.
  async #look(key: string, place: string): Promise<void> {
    const next = await this.#store.load(key)
    const there = next?.places[place]?.card
    if (there) this.posted(key, place, there)
    else if (next?.story.kind === 'rollout' && next.story.hidden) this.silent(key, place)
  }

  #ring(id: string): void {
    for (const alarm of this.#awaited.get(id) ?? []) alarm.ring()
  }

  #keyOf({ story }: Card): string | undefined {
    if (story.kind !== 'rollout' || story.shown.rollout.phase !== 'superseded') return undefined
    const { rollout } = story.shown
    const attempt = rollout.supersededBy?.attempt
    return attempt === undefined ? undefined : cardKey({ ...rollout, attempt }, this.#partitions)
  }
}
