import type { JetStreamConnection } from './connect.ts'
import { judgeFailure } from './failure.ts'
import { pause, retryDelayMs, unlessAborted } from './pause.ts'

export interface Trying {
  readonly signal?: AbortSignal | undefined
  /** Told what the last try failed on, and undefined at the end. */
  readonly onObstacle?: (obstacle: string | undefined) => void
}

/** What a try may need to know of the tries before it. */
export interface Tries {
  /** A former try may have been carried out though nobody told us. */
  readonly outcomeUnknown: boolean
}

/**
 * Repeats a request to NATS until it is answered, over any outage. Rejects only when `signal` is aborted, the
 * connection is disposed of, or the request itself is wrong.
 */
export async function keepTrying<T>(
  connection: JetStreamConnection,
  request: (tries: Tries) => Promise<T>,
  { signal, onObstacle }: Trying = {},
): Promise<T> {
  let outcomeUnknown = false
  try {
    for (let tries = 0; ; tries++) {
      await connection.whenConnected(signal)
      const { link } = connection
      try {
        return await unlessAborted(request({ outcomeUnknown }), link, signal)
      } catch (error) {
        signal?.throwIfAborted()
        const failure = judgeFailure(error)
        if (failure.kind === 'final') throw error
        outcomeUnknown ||= failure.outcomeUnknown
        onObstacle?.(failure.reason)
        // A lost link is waited for above, not here.
        if (!link.aborted) await pause(retryDelayMs(tries, Math.random()), signal)
      }
    }
  } finally {
    onObstacle?.(undefined)
  }
}
