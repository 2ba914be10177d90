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

/**
 * When somebody looked and saw this, for whatever is counted: the stream's time, unless the observation was on its way for
 * long. What it shows did not last any longer by that.
 */
export function lookedAtMs({ observedAt }: DeploymentObservation, nowMs: number): number {
  const lookedMs = Date.parse(observedAt)
  return nowMs - lookedMs >= lateMs ? lookedMs : nowMs
}

const dayMs = 86_400_000
let lastDay = { began: Number.NaN, date: '' }

/** RFC 3339 in UTC. The date is the dear part, and it is nearly always the one before's. */
export function isoTime(ms: number): string {
  const began = ms - (ms % dayMs)
  if (lastDay.began !== began) lastDay = { began, date: new Date(began).toISOString().slice(0, 11) }
  const ofDay = ms - began
  const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`)
  const [hours, minutes] = [Math.floor(ofDay / 3_600_000), Math.floor(ofDay / 60_000) % 60]
  const [seconds, rest] = [Math.floor(ofDay / 1000) % 60, Math.floor(ofDay) % 1000]
  return `${lastDay.date}${two(hours)}:${two(minutes)}:${two(seconds)}.${String(rest).padStart(3, '0')}Z`
}

/** Whole seconds between two RFC 3339 times, never negative: they may come from two clocks. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000))
}
