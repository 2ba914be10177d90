/** What a rollout's words in Slack took. */
import type { Rollout } from './bed.ts'
import { statesOf, type Told, wordAt } from './told.ts'

export interface Lags {
  /** From the write to the API server to the first word. */
  readonly startMs: readonly number[]
  /** From the event that shows it complete to the word that says so. */
  readonly endMs: readonly number[]
  /** What the test bed takes by itself. */
  readonly writeMs: readonly number[]
  readonly eventMs: readonly number[]
  readonly rolloutMs: readonly number[]
}

export function lagsOf(told: Told, rollouts: readonly Rollout[]): Lags {
  const lags = { startMs: [], endMs: [], writeMs: [], eventMs: [], rolloutMs: [] } as {
    [each in keyof Lags]: number[]
  }
  for (const rollout of rollouts) {
    const states = statesOf(told, rollout)
    const { attempt } = told.attempts.find(({ attempt: { tag } }) => tag === rollout.tag) ?? {}
    lags.writeMs.push(rollout.answeredAt - rollout.sentAt)
    if (states[0]) lags.startMs.push(states[0].atMs - rollout.sentAt)
    if (attempt === undefined) continue
    lags.eventMs.push(attempt.beganMs - rollout.sentAt)
    const { completeMs } = attempt
    const live = wordAt(states, ['live', 'live after all'])
    if (completeMs === undefined) continue
    lags.rolloutMs.push(completeMs - rollout.sentAt)
    if (live !== undefined) lags.endMs.push(live - completeMs)
  }
  return lags
}
