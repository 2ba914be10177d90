import { setTimeout as delay } from 'node:timers/promises'

const aSecond = 25
const atOnce = 15

/** Lets requests through, at most 15 at once and 25 a second for long: never more than 40 within one second. */
export class RequestPace {
  readonly #now: () => number
  #freeAt = Number.NEGATIVE_INFINITY

  constructor(now: () => number = () => performance.now()) {
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
    const everyMs = 1_000 / aSecond
    this.#freeAt = Math.max(this.#freeAt, now - atOnce * everyMs) + everyMs
    return Math.max(0, this.#freeAt - now)
  }
}
