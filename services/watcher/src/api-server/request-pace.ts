import { setTimeout as delay } from 'node:timers/promises'

export interface Pace {
  /** For long. */
  readonly aSecond: number
  readonly atOnce: number
}

/** Lets requests through: never more than `aSecond + atOnce` within one second. */
export class RequestPace {
  readonly #pace: Pace
  readonly #now: () => number
  #freeAt = Number.NEGATIVE_INFINITY

  constructor(pace: Pace, now: () => number = () => performance.now()) {
    this.#pace = pace
    this.#now = now
  }

  /** Resolves when it is this request's turn; rejects when the signal is aborted before. */
  async turn(signal: AbortSignal): Promise<void> {
    const waitMs = this.reserve()
    if (waitMs > 0) await delay(waitMs, undefined, { signal })
  }

  /** Takes the next free place and tells how far off it is, in milliseconds. */
  reserve(): number {
    const now = this.#now()
    const { aSecond, atOnce } = this.#pace
    const everyMs = 1_000 / aSecond
    this.#freeAt = Math.max(this.#freeAt, now - atOnce * everyMs) + everyMs
    return Math.max(0, this.#freeAt - now)
  }
}
