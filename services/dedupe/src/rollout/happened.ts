import type { DeploymentObservation } from '@hermod/contracts'

// Below this the stream's clock, which orders everything, is right enough and has milliseconds.
const lateMs = 5_000

/**
 * When it happened, RFC 3339. The stream's time, unless we are late: a snapshot shows what the cluster's own clock
 * dates, and a watcher that could not publish says when it looked.
 */
export function happenedAt(seen: DeploymentObservation, nowMs: number, clusterTime?: string): string {
  const told = seen.occasion === 'snapshot' ? (clusterTime ?? seen.observedAt) : seen.observedAt
  const toldMs = Date.parse(told)
  return isoTime(nowMs - toldMs >= lateMs ? toldMs : nowMs)
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** Whole seconds between two RFC 3339 times, never negative: they may come from two clocks. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000))
}
