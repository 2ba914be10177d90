import { setTimeout as delay } from 'node:timers/promises'

/** Where the delivery has its time from: a test can let ten minutes pass in a moment. */
export interface Time {
  /** Monotonic ms. */
  now(): number
  date(): Date
  /** Rejects when `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export const realTime: Time = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: async (ms, signal) => await delay(ms, undefined, { signal }),
}
