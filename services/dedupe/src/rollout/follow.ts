import type { DeploymentObservation, Diagnosis, Rollout, RolloutTimes } from '@hermod/contracts'
import { recognisedRollback } from './change.ts'
import { areOfAttemptBefore, findCondition, fingerprint, testimonyOf } from './conditions.ts'
import { sameData } from './containers.ts'
import { earlyVerdict, familyOf, ownDiagnosis } from './early-verdict.ts'
import { factsOf } from './facts.ts'
import { happenedAt, isoTime, lookedAtMs } from './happened.ts'
import { type Decision, nextPhase } from './next-phase.ts'
import { withFailure, withSuccess } from './past.ts'
import { deadlineMs, furthest, progressOf, restartsClock } from './progress.ts'
import { isOpen, type Past, type Seen, type Tracked, type Watch } from './rollout.ts'
import { rolloutStatus } from './rollout-status.ts'
import { refreshedTemplate } from './template.ts'
import { type Stride, say, silently } from './transition.ts'

/** An observation of the attempt that is known. */
export function follow(tracked: Tracked, seen: DeploymentObservation, nowMs: number): Stride {
  if (repeatsTheEnd(tracked, seen)) return silently(tracked, 'unchanged')
  const now = seenOf(seen, nowMs)
  const lookedMs = lookedAtMs(seen, nowMs)
  const inherited = areOfAttemptBefore(seen, tracked.rollout.attempt)
    ? { ...tracked.watch.inherited, progressing: now.progressing, replicaFailure: now.replicaFailure }
    : tracked.watch.inherited
  const clockMs = restartsClock(tracked, seen) ? lookedMs : tracked.watch.clockMs
  const watch = { ...tracked.watch, inherited, clockMs }
  const { startedAt } = tracked.rollout.times
  const testimony = testimonyOf(seen, { ...watch, startedAt }, lookedMs)
  const diagnosis = ownDiagnosis(seen.diagnosis, testimony)
  const status = rolloutStatus(seen, testimony)
  const { phase, reason } = tracked.rollout
  const standing = phase === 'stalled' ? familyOf(reason) : undefined
  const judgement = earlyVerdict(diagnosis, testimony, { ...watch, standing }, lookedMs)
  const decision = nextPhase(tracked, seen, {
    testimony,
    diagnosis,
    status,
    judgement,
    watch,
    lookedMs,
    nowMs,
  })

  const at = (): string => happenedAt(seen, nowMs, testimony.progressing?.lastUpdateTime)
  const next: Tracked = {
    ...tracked,
    rollout: rolloutAfter(tracked, seen, { decision, diagnosis, watch, at }),
    seen: now,
    template: refreshedTemplate(tracked, seen),
    watch: { ...watch, best: bestOf(tracked, seen), suspicion: judgement.suspicion },
  }
  const entered = decision.phase !== tracked.rollout.phase
  const settled = entered ? { ...next, past: pastAfter(next, at) } : next
  if (decision.kind !== undefined && tracked.voice === 'announced')
    return say(settled, decision.kind, at(), nowMs)
  return isNoNews(tracked, settled) ? silently(tracked, 'unchanged') : silently(settled, 'noted')
}

/** Most of a snapshot: a Deployment that was complete and has not been written since. */
function repeatsTheEnd({ rollout, seen: before, template }: Tracked, seen: DeploymentObservation): boolean {
  return (
    rollout.phase === 'complete' &&
    seen.resourceVersion === before.resourceVersion &&
    seen.observedGeneration === before.observedGeneration &&
    before.olderSinceMs === undefined &&
    seen.template.digest === template.digest &&
    (seen.newReplicaSet === undefined || seen.newReplicaSet.podTemplateHash === template.podTemplateHash) &&
    seen.namespaceListed === rollout.namespaceListed &&
    sameData(seen.namespaceAnnotations, rollout.namespaceAnnotations)
  )
}

export function seenOf(seen: DeploymentObservation, atMs: number): Seen {
  const { generation, observedGeneration, resourceVersion, revision } = seen
  const progressing = fingerprint(findCondition(seen, 'Progressing'))
  const replicaFailure = fingerprint(findCondition(seen, 'ReplicaFailure'))
  return { generation, observedGeneration, resourceVersion, revision, progressing, replicaFailure, atMs }
}

function bestOf({ rollout, watch }: Tracked, seen: DeploymentObservation): Watch['best'] {
  const now = progressOf(seen, rollout.attempt)
  return now && watch.best ? furthest(now, watch.best) : (now ?? watch.best)
}

function pastAfter(tracked: Tracked, at: () => string): Past {
  // Without a pod it has shown nothing.
  const worked = tracked.rollout.replicas.wanted > 0
  if (tracked.rollout.phase === 'complete') return worked ? withSuccess(tracked, at()) : tracked.past
  return tracked.rollout.phase === 'failed' ? withFailure(tracked, at()) : tracked.past
}

interface Outcome {
  readonly decision: Decision
  readonly diagnosis: Diagnosis | undefined
  readonly watch: Watch
  readonly at: () => string
}

function rolloutAfter({ rollout }: Tracked, seen: DeploymentObservation, outcome: Outcome): Rollout {
  const { decision, diagnosis, watch } = outcome
  const { phase, reason, message } = decision
  return {
    ...rollout,
    ...factsOf(seen, rollout.attempt),
    phase,
    reason,
    message,
    // Right after the start it is still the revision of the template before.
    revision:
      seen.revision !== watch.inherited.revision || phase === 'complete' ? seen.revision : rollout.revision,
    change: recognisedRollback(rollout.change, seen, watch.inherited),
    diagnosis: diagnosisFor(phase, rollout, diagnosis),
    times: timesAfter(rollout, seen, outcome),
  }
}

function diagnosisFor(
  phase: Rollout['phase'],
  before: Rollout,
  now: Diagnosis | undefined,
): Diagnosis | undefined {
  if (phase === 'complete') return undefined
  const bad = phase === 'stalled' || phase === 'failed'
  return bad ? (now ?? before.diagnosis) : now
}

function timesAfter(
  before: Rollout,
  seen: DeploymentObservation,
  { decision, watch, at }: Outcome,
): RolloutTimes {
  const { phase } = decision
  const { startedAt, progressedAt, stalledAt, failedAt, pausedAt, finishedAt } = before.times
  const open = isOpen({ phase })
  const deadline = open ? deadlineMs(seen, watch) : undefined
  const on = (entered: Rollout['phase'], known: string | undefined): string | undefined =>
    phase === entered && before.phase !== entered ? at() : known
  return {
    startedAt,
    progressedAt: open ? isoTime(watch.clockMs) : progressedAt,
    stalledAt: phase === 'progressing' ? undefined : on('stalled', stalledAt),
    failedAt: on('failed', failedAt),
    pausedAt: phase === 'paused' ? on('paused', pausedAt) : undefined,
    finishedAt: on('complete', finishedAt),
    deadlineAt: deadline === undefined ? undefined : isoTime(deadline),
  }
}

/** That it was looked at is not worth a write. */
function isNoNews(before: Tracked, after: Tracked): boolean {
  if (before.seen.resourceVersion !== after.seen.resourceVersion) return false
  return sameData(before, { ...after, seen: { ...after.seen, atMs: before.seen.atMs } })
}
