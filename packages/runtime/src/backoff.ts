export interface BackoffRange {
  readonly baseMs: number
  readonly capMs: number
}

/**
 * Full jitter: anywhere from 0 to base × 2^attempt, capped, in milliseconds.
 * `attempt` counts from 0, `random` is from [0, 1).
 */
export function backoffMs(attempt: number, random: number, { baseMs, capMs }: BackoffRange): number {
  return random * Math.min(capMs, baseMs * 2 ** attempt)
}
