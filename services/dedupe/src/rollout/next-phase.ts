import type {
  DeploymentCondition,
  DeploymentObservation,
  Diagnosis,
  Phase,
  TransitionKind,
} from '@hermod/contracts'
import { isNoReplicaSet, type Testimony } from './conditions.ts'
import { familyOf, type Judgement } from './early-verdict.ts'
import { countsOf, deadlineMs, progressOf, sameCounts, surpasses } from './progress.ts'
import { isOpen, type Tracked, type Watch } from './rollout.ts'
import type { RolloutStatus } from './rollout-status.ts'

/** The phase to be in and why; `kind` when that is worth a transition. */
export interface Decision {
  readonly phase: Phase
  readonly kind?: TransitionKind
  readonly reason: string
  readonly message?: string | undefined
}

export interface Findings {
  readonly testimony: Testimony
  readonly diagnosis: Diagnosis | undefined
  readonly status: RolloutStatus
  readonly judgement: Judgement
  readonly watch: Watch
  /** When this was seen, for what is counted. */
  readonly lookedMs: number
  readonly nowMs: number
}

// Counters are told again at most this often; the last stand is always told, by the next look at the rollout.
const progressEveryMs = 2_000

/** From phase to phase, the first rule that holds. What is complete stays so; what failed can only recover. */
export function nextPhase(tracked: Tracked, seen: DeploymentObservation, findings: Findings): Decision {
  const { phase, reason, message } = tracked.rollout
  const { testimony, diagnosis, status, judgement, watch, lookedMs, nowMs } = findings
  const stay: Decision = { phase, reason, message }
  const done = status.kind === 'complete' && proves(tracked, seen)

  if (phase === 'failed' && done) return { ...status, phase: 'complete', kind: 'recovered' }
  if (phase === 'failed')
    return explainedAnew(tracked, diagnosis, nowMs) ? { ...stay, kind: 'progressed' } : stay
  if (!isOpen(tracked.rollout)) return stay

  if (done) return { ...status, phase: 'complete', kind: 'succeeded' }
  if (status.kind === 'deadline-exceeded') return { ...status, phase: 'failed', kind: 'failed' }
  const progress = toldProgress(tracked, seen, nowMs)
  if (phase === 'stalled' && seen.replicas.wanted === 0) return { ...stay, ...progress }
  const ownVerdict = ownDeadlineVerdict(seen, testimony, watch, lookedMs)
  if (ownVerdict !== undefined) return { ...ownVerdict, phase: 'failed', kind: 'failed' }

  if (seen.paused) {
    const paused = { phase: 'paused', reason: 'DeploymentPaused', message: status.message } as const
    return phase === 'paused' ? { ...paused, ...progress } : { ...paused, kind: 'paused' }
  }
  if (phase === 'paused') {
    return { phase: 'progressing', kind: 'resumed', reason: 'DeploymentResumed', message: status.message }
  }
  if (judgement.verdict !== undefined) {
    const { family, ...evidence } = judgement.verdict
    const known = phase === 'stalled' && familyOf(reason) === family
    return known ? { phase, ...evidence, ...progress } : { phase: 'stalled', kind: 'stalled', ...evidence }
  }
  // Evidence that is missing proves nothing; only going further than ever before does.
  if (phase === 'stalled' && !goesOn(tracked, seen)) return { ...stay, ...progress }
  const kind = phase === 'stalled' ? { kind: 'progressed' as const } : progress
  return { phase: 'progressing', reason: status.reason, message: status.message, ...kind }
}

/** Where no pod is wanted, none shows that a template works that was in trouble, or that is held back. */
function proves({ rollout: { phase } }: Tracked, { replicas, paused }: DeploymentObservation): boolean {
  return replicas.wanted > 0 || !(phase === 'failed' || phase === 'stalled' || paused)
}

/**
 * The controller says nothing of a rollout onto an existing ReplicaSet whose pods never come: then the deadline is
 * ours to count. It does not count either while it cannot even create the ReplicaSet.
 */
function ownDeadlineVerdict(
  seen: DeploymentObservation,
  { progressing: said, lingering }: Testimony,
  watch: Watch,
  lookedMs: number,
): Pick<Decision, 'reason' | 'message'> | undefined {
  // That a ReplicaSet is available, said while this rollout is not, is about another one, unless it was said since.
  const ofAnother =
    said?.reason === 'NewReplicaSetAvailable' && seen.newReplicaSet === undefined && !isSaidSince(said, watch)
  const silent = (said === undefined || ofAnother) && seen.observedGeneration >= seen.generation
  const refusal = [said, lingering].find(isNoReplicaSet)
  if (!silent && refusal === undefined) return undefined
  const deadline = deadlineMs(seen, watch)
  if (deadline === undefined || lookedMs < deadline) return undefined
  const message = `No progress for ${seen.progressDeadlineSeconds} s`
  return { reason: 'ProgressDeadlineExceeded', message: refusal?.message ?? message }
}

// The controller may finish a thought about the template before.
const thoughtMs = 2_000

function isSaidSince({ lastUpdateTime }: DeploymentCondition, { writtenAt }: Watch): boolean {
  if (lastUpdateTime === undefined || writtenAt === undefined) return false
  return Date.parse(lastUpdateTime) - Date.parse(writtenAt) > thoughtMs
}

function goesOn({ rollout, watch: { best } }: Tracked, seen: DeploymentObservation): boolean {
  const now = progressOf(seen, rollout.attempt)
  return now !== undefined && best !== undefined && surpasses(now, best)
}

function toldProgress(tracked: Tracked, seen: DeploymentObservation, nowMs: number): { kind?: 'progressed' } {
  const due = nowMs - tracked.watch.saidAtMs >= progressEveryMs
  return due && !sameCounts(tracked.watch.saidReplicas, countsOf(seen, tracked.rollout.attempt))
    ? { kind: 'progressed' }
    : {}
}

function explainedAnew({ watch }: Tracked, diagnosis: Diagnosis | undefined, nowMs: number): boolean {
  const cause = diagnosis?.causes[0]
  const due = nowMs - watch.saidAtMs >= progressEveryMs
  return due && cause !== undefined && familyOf(cause.reason) !== watch.told
}
