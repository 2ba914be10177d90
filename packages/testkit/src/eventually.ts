import { setTimeout as sleep } from 'node:timers/promises'

export interface Patience {
  /** How long to go on trying; 30 s by default, since a busy machine is no failure. */
  timeoutMs?: number
  /** Pause between two tries; 20 ms by default. */
  everyMs?: number
}

/**
 * Repeats `check` until it no longer throws and returns its value. When the time is up the error says how
 * long it waited and ends with the last failure, which is also its `cause`.
 * A check that never settles counts as failing: it cannot outwait the timeout.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 20 }: Patience = {},
): Promise<T> {
  const started = performance.now()
  const deadline = started + timeoutMs
  let tries = 0
  let lastFailure: unknown
  do {
    if (tries > 0) await sleep(everyMs)
    tries++
    try {
      return await within(check, Math.max(deadline - performance.now(), everyMs))
    } catch (error) {
      lastFailure = error
    }
  } while (performance.now() < deadline)
  const waitedMs = Math.round(performance.now() - started)
  const reason = lastFailure instanceof Error ? lastFailure.message : String(lastFailure)
  throw new Error(`Still failing after ${waitedMs} ms and ${tries} tries: ${reason}`, { cause: lastFailure })
}

async function within<T>(check: () => T | Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`The check itself did not settle within ${Math.round(ms)} ms`)),
    ms,
  )
  try {
    return await Promise.race([check(), late])
  } finally {
    clearTimeout(timer)
  }
}
