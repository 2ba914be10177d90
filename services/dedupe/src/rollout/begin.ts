import type { Change, DeploymentObservation, Rollout } from '@hermod/contracts'
import { firstSight, type Surroundings } from './baseline.ts'
import { changeOf, newDeployment, unknownChange } from './change.ts'
import { findCondition, testimonyOf } from './conditions.ts'
import { deleted, superseded } from './end.ts'
import { factsOf } from './facts.ts'
import { follow, seenOf } from './follow.ts'
import { happenedAt, lookedAtMs } from './happened.ts'
import { noPast, typicalSeconds, withAttempt, withSuccess } from './past.ts'
import { countsOf } from './progress.ts'
import type { Inherited, Past, Tracked } from './rollout.ts'
import { rolloutStatus } from './rollout-status.ts'
import { sameTemplate, templateRecord } from './template.ts'
import { after, type Stride, say, silently } from './transition.ts'

/** Another template of a known Deployment: a new attempt, which overtakes what is still open. */
export function beginNext(before: Tracked, seen: DeploymentObservation, nowMs: number): Stride {
  const attempt = firstStand(seen, nowMs, {
    voice: 'announced',
    change: changeOf(before, seen),
    reason: 'NewTemplate',
    past: withAttempt(before),
    inherited: inheritedFrom(before, seen),
  })
  const closing = superseded(before, attempt.rollout, nowMs)
  return after(closing, announce(attempt, seen, nowMs))
}

/** A Deployment of which nothing is known, or that was made anew under a name once known. */
export function beginFirst(
  seen: DeploymentObservation,
  around: Surroundings,
  nowMs: number,
  past: Past = noPast,
): Stride {
  const voice = firstSight(seen, around)
  const isNew = voice === 'announced' && around.namespaceKnown && around.cached === undefined
  const change = isNew ? newDeployment : unknownChange
  const ofBefore = seen.observedGeneration < seen.generation
  const attempt = firstStand(seen, nowMs, {
    voice,
    change,
    reason: isNew ? 'NewDeployment' : 'FoundUnderWay',
    past,
    inherited: { revision: ofBefore ? seen.revision : undefined },
  })
  if (voice === 'announced') return announce(attempt, seen, nowMs)
  return silently(asFound(attempt, seen, nowMs), voice)
}

/** Back after a sweep that was wrong: it stands where it stands, and nobody hears of it. */
export function takeBack(before: Tracked, seen: DeploymentObservation, nowMs: number): Stride {
  const attempt = firstStand(seen, nowMs, {
    voice: 'baseline',
    change: unknownChange,
    reason: 'FoundUnderWay',
    past: before.past,
    inherited: {},
  })
  return silently(asFound(attempt, seen, nowMs), 'baseline')
}

/** Seen for the first time and the last: all that is known is that it is gone. */
export function endUnknown(seen: DeploymentObservation, nowMs: number, past: Past = noPast): Stride {
  const start = { voice: 'baseline', change: unknownChange, reason: 'Deleted', past, inherited: {} } as const
  return deleted(firstStand(seen, nowMs, start), seen, nowMs)
}

function asFound(attempt: Tracked, seen: DeploymentObservation, nowMs: number): Tracked {
  const { tracked } = follow(attempt, seen, nowMs)
  if (tracked.voice !== 'baseline' || tracked.rollout.phase === 'complete') return tracked
  // An old outage: it once came to its end, well or badly, and what is wrong now is no rollout.
  const progressing = findCondition(seen, 'Progressing')
  const failed = progressing?.reason === 'ProgressDeadlineExceeded'
  const rollout: Rollout = { ...tracked.rollout, phase: failed ? 'failed' : 'complete' }
  if (failed) return { ...tracked, rollout }
  return { ...tracked, rollout, past: withSuccess(tracked, progressing?.lastUpdateTime ?? seen.observedAt) }
}

// Who finds it finished needs no word of its start.
function announce(attempt: Tracked, seen: DeploymentObservation, nowMs: number): Stride {
  const { watch, rollout } = attempt
  const { startedAt } = rollout.times
  const testimony = testimonyOf(seen, { ...watch, startedAt }, lookedAtMs(seen, nowMs))
  const ended = rolloutStatus(seen, testimony).kind !== 'waiting'
  if (ended) return follow(attempt, seen, nowMs)
  const started = say(attempt, 'started', startedAt, nowMs)
  return after(started.transitions, follow(started.tracked, seen, nowMs))
}

interface Start {
  readonly voice: Tracked['voice']
  readonly change: Change
  readonly reason: string
  readonly past: Past
  readonly inherited: Inherited
}

function firstStand(seen: DeploymentObservation, nowMs: number, start: Start): Tracked {
  const { voice, change, reason, past, inherited } = start
  const template = templateRecord(seen)
  const writtenAt = change === newDeployment ? seen.creationTimestamp : seen.changedBy?.time
  // Whoever did not see it begin knows from the cluster alone when it did.
  const dated: DeploymentObservation = reason === 'NewTemplate' ? seen : { ...seen, occasion: 'snapshot' }
  const startedAt = voice === 'announced' ? happenedAt(dated, nowMs, writtenAt) : seen.creationTimestamp
  return {
    epoch: nowMs,
    n: 0,
    rollout: {
      ...factsOf(seen, seen.generation),
      uid: seen.uid,
      attempt: seen.generation,
      phase: 'progressing',
      reason,
      message: undefined,
      revision: seen.revision === inherited.revision ? undefined : seen.revision,
      change,
      diagnosis: undefined,
      times: { startedAt, progressedAt: startedAt },
      typicalSeconds: typicalSeconds(past),
      lastGood: past.good && !sameTemplate(past.good.template, template) ? past.good.version : undefined,
    },
    voice,
    creationTimestamp: seen.creationTimestamp,
    seen: seenOf(seen, nowMs),
    template,
    watch: {
      inherited,
      writtenAt: seen.changedBy?.time,
      clockMs: lookedAtMs(seen, nowMs),
      saidAtMs: nowMs,
      saidReplicas: countsOf(seen, seen.generation),
    },
    past,
  }
}

// Seen first when the controller has already taken the attempt up, a condition is inherited if it still is the one
// that stood before; until it does, `follow` inherits whatever stands.
function inheritedFrom({ seen: before, watch }: Tracked, seen: DeploymentObservation): Inherited {
  const now = seenOf(seen, 0)
  return {
    progressing: now.progressing === before.progressing ? now.progressing : undefined,
    replicaFailure: now.replicaFailure === before.replicaFailure ? now.replicaFailure : undefined,
    revision: before.revision,
    since: watch.writtenAt,
  }
}
