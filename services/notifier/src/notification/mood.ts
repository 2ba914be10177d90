import type { Phase, RolloutTransition } from '@hermod/contracts'

/** What a card tells, in one word. */
export type Mood =
  | 'rolling'
  | 'paused'
  | 'stuck'
  | 'failed'
  | 'live'
  | 'recovered'
  | 'superseded'
  | 'deleted'
  | 'released'

const moodOfPhase: Readonly<Record<Phase, Mood>> = {
  progressing: 'rolling',
  stalled: 'stuck',
  paused: 'paused',
  complete: 'live',
  failed: 'failed',
  superseded: 'superseded',
  deleted: 'deleted',
}

export function moodOf({ kind, rollout }: RolloutTransition): Mood {
  if (kind === 'released') return 'released'
  const mood = moodOfPhase[rollout.phase]
  return mood === 'live' && kind === 'recovered' ? 'recovered' : mood
}

/** Nothing follows: the rollout has come to its end, well or not. */
export function isFinal(mood: Mood): boolean {
  return !['rolling', 'paused', 'stuck', 'failed'].includes(mood)
}

/** Who goes first where a budget is short; the lowest number. */
export const urgencyOf: Readonly<Record<Mood, number>> = {
  failed: 0,
  recovered: 1,
  stuck: 2,
  live: 3,
  deleted: 4,
  superseded: 5,
  released: 5,
  paused: 6,
  rolling: 7,
}

/** Edits at this urgency only use what the others leave. */
export const progressUrgency = 6

// A pod that waits for a node may get one at any time. All else that stalls a rollout does not go away by itself.
const waitsForNode = 'Unschedulable'

/** Whether people are to be told by a message that they notice. */
export function isBadWord(transition: RolloutTransition): boolean {
  const { phase, reason } = transition.rollout
  if (transition.kind === 'released') return false
  return phase === 'failed' || (phase === 'stalled' && reason !== waitsForNode)
}
