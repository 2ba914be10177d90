import { setTimeout as delay } from 'node:timers/promises'
import { KubeApiError } from './kube-api-error.ts'

/**
 * Repeats a write until the API server has taken it, over any outage, until `signal`. Throws what the server refuses.
 * A conflict counts as written: it is our own earlier try whose answer was lost.
 */
export async function untilWritten(write: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  // Many plays wait for one server: what starts again must not be kept from it by them.
  for (let pauseMs = 50; ; pauseMs = Math.min(1_000, pauseMs * 2)) {
    signal.throwIfAborted()
    try {
      await write()
      return
    } catch (error) {
      if (error instanceof KubeApiError && error.code === 409) return
      if (isRefusal(error)) throw error
      await delay(pauseMs)
    }
  }
}

/** An answer that another try would get too, unlike an outage and a full queue. */
function isRefusal(error: unknown): boolean {
  return error instanceof KubeApiError && error.code < 500 && error.code !== 429
}
