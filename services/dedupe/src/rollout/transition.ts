import { type RolloutTransition, type TransitionKind, transitionVersion } from '@hermod/contracts'
import { familyOf } from './early-verdict.ts'
import type { Step, StepOutcome, Tracked } from './rollout.ts'

/** A step that has a state to go on from. */
export interface Stride extends Step {
  readonly tracked: Tracked
}

/** Says where the rollout stands: a transition with the next number. */
export function say(tracked: Tracked, kind: TransitionKind, at: string, nowMs: number): Stride {
  const { epoch, rollout } = tracked
  const n = tracked.n + 1
  const cause = rollout.diagnosis?.causes[0]?.reason
  const watch = {
    ...tracked.watch,
    saidAtMs: nowMs,
    saidReplicas: rollout.replicas,
    told: cause === undefined ? undefined : familyOf(cause),
  }
  return {
    tracked: { ...tracked, n, watch },
    transitions: [{ version: transitionVersion, kind, epoch, n, at, rollout }],
    outcome: 'said',
  }
}

export function silently(tracked: Tracked, outcome: StepOutcome): Stride {
  return { tracked, transitions: [], outcome }
}

/** What came before, then the last step. */
export function after(before: readonly RolloutTransition[], last: Stride): Stride {
  if (before.length === 0) return last
  return { ...last, transitions: [...before, ...last.transitions], outcome: 'said' }
}
