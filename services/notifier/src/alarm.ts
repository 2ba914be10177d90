/** A wait that somebody may cut short. */
export class Alarm {
  #ring: (() => void) | undefined

  ring = (): void => {
    this.#ring?.()
  }

  /** Ends at `until` (monotonic ms, Infinity = never by itself), when rung, or when `signal` is aborted. */
  async wait(until: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ring = resolve
    signal.addEventListener('abort', this.ring, { once: true })
    const ms = Math.max(1, until - performance.now())
    const timer = Number.isFinite(ms) ? setTimeout(resolve, Math.min(ms, 3_600_000)) : undefined
    await promise
    clearTimeout(timer)
    signal.removeEventListener('abort', this.ring)
    this.#ring = undefined
  }
}
