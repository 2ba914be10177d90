import type { Time } from './time.ts'

const longestMs = 3_600_000

/** A wait that somebody may cut short. */
export class Alarm {
  readonly #time: Time
  #ring: (() => void) | undefined

  constructor(time: Time) {
    this.#time = time
  }

  ring = (): void => {
    this.#ring?.()
  }

  /** Ends at `until` (monotonic ms, Infinity = never by itself), when rung, or when `signal` is aborted. */
  async wait(until: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const over = new AbortController()
    const end = (): void => over.abort()
    this.#ring = end
    signal.addEventListener('abort', end, { once: true })
    const ms = Math.min(longestMs, Math.max(1, until - this.#time.now()))
    await this.#time.sleep(ms, over.signal).catch(() => undefined)
    signal.removeEventListener('abort', end)
    this.#ring = undefined
  }
}
