import { setTimeout } from 'node:timers/promises'

/** Waits `ms`; rejects with the signal's reason as soon as it is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  try {
    await setTimeout(ms, undefined, { ...(signal && { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** Rejects with the reason of whichever signal is aborted first, if that comes before `work` settles. */
export async function unlessAborted<T>(
  work: Promise<T>,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const present = signals.filter((signal) => signal !== undefined)
  const listeners = present.map((signal) => () => aborted.reject(signal.reason))
  present.forEach((signal, index) => {
    const listener = listeners[index]
    if (signal.aborted) aborted.reject(signal.reason)
    else if (listener) signal.addEventListener('abort', listener, { once: true })
  })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    present.forEach((signal, index) => {
      const listener = listeners[index]
      if (listener) signal.removeEventListener('abort', listener)
    })
  }
}

/** Grows from 50 ms to 1 s with the tries so far; half of it is left to chance, `random` from [0, 1). */
export function retryDelayMs(tries: number, random: number): number {
  const full = Math.min(1_000, 50 * 2 ** tries)
  return full / 2 + (full / 2) * random
}
