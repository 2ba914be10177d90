// Owns what operators are told in the fallback channel: a channel that cannot take cards, or that an annotation may not
// name, once for each reason.
import type { Logger } from '@hermod/runtime'
import { noticeKey } from './card-keys.ts'
import type { CardStore } from './card-store.ts'
import { type Card, cardVersion, emptyPlace } from './notification/card.ts'
import type { Time } from './time.ts'

export interface NoticeOptions {
  readonly store: CardStore
  readonly time: Time
  readonly fallbackChannel: string | undefined
  readonly log: Logger
  readonly offer: (key: string, card: Card) => void
  readonly lacking: (key: string, card: Card) => readonly string[]
}

const mostRefused = 100
const shownForMs = 24 * 3_600_000

export class Notices {
  readonly #options: NoticeOptions
  readonly #said = new Set<string>()
  /** Until when each refused channel is shown, by what is shown of it. Times are monotonic ms. */
  readonly #refused = new Map<string, number>()

  constructor(options: NoticeOptions) {
    this.#options = options
  }

  /** What annotations lately named and cannot be used: `channel problem`. */
  get refused(): readonly string[] {
    const now = this.#options.time.now()
    for (const [shown, until] of this.#refused) if (until < now) this.#refused.delete(shown)
    return [...this.#refused.keys()]
  }

  /** An annotation names what cannot be used; those who are told `instead` are. */
  async refuse(channel: string, problem: string, example: string, instead: readonly string[]): Promise<void> {
    if (this.#refused.size < mostRefused)
      this.#refused.set(`${channel} ${problem}`, this.#options.time.now() + shownForMs)
    await this.tell(channel, problem, example, instead)
  }

  /** `example` is a namespace/name that wanted to be told there. */
  async tell(channel: string, problem: string, example: string, instead?: readonly string[]): Promise<void> {
    const { store, time, fallbackChannel, log, offer, lacking } = this.#options
    const key = noticeKey(channel, problem)
    const hasFallback = fallbackChannel !== undefined && fallbackChannel !== channel
    if (!this.#said.has(key))
      log.error(
        { channel, problem, example },
        hasFallback
          ? 'a channel cannot take cards, which the fallback channel is told'
          : 'a channel cannot take cards, and there is no other to say so in',
      )
    this.#said.add(key)
    if (!hasFallback) return
    const fresh: Card = {
      version: cardVersion,
      story: { kind: 'notice', channel, problem, example, ...(instead && { instead }) },
      places: { [fallbackChannel]: emptyPlace },
      touchedAt: time.date().toISOString(),
    }
    const notice = await store.change(key, (before) => before ?? fresh, 'absent')
    // Whoever made it may have died before it was marked.
    if (notice === undefined || (notice !== fresh && lacking(key, notice).length === 0)) return
    await store.markOpen(key, [fallbackChannel])
    offer(key, notice)
  }

  /** The channel works again: the next time it does not is news. */
  async forget(channel: string, problem: string): Promise<void> {
    this.#said.delete(noticeKey(channel, problem))
    await this.#options.store.forget(noticeKey(channel, problem), () => true)
  }
}
