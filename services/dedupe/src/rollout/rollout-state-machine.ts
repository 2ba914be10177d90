import type { DeploymentObservation } from '@hermod/contracts'
import { isPremature, type Surroundings } from './baseline.ts'
import { beginFirst, beginNext, endUnknown, takeBack } from './begin.ts'
import { deleted, replaced, superseded } from './end.ts'
import { follow, seenOf } from './follow.ts'
import { orderOf } from './order.ts'
import { noPast } from './past.ts'
import type { Step, Tracked } from './rollout.ts'
import { templateChange } from './template.ts'
import { after, silently } from './transition.ts'

/** When an observation counts, and what is known around it. */
export interface Moment extends Surroundings {
  /** Stream time of the observation, milliseconds since 1970: the same when it is delivered again. */
  readonly nowMs: number
}

// A stale API server catches up or is gone by then; a restored etcd is not.
const restoredAfterMs = 5 * 60_000

/**
 * What an observation means, given what was known. Right after any gap, repeat or reorder of observations: each of
 * them tells all, and an older one, or one of a Deployment that is gone, tells nothing.
 */
export function advance(tracked: Tracked | undefined, seen: DeploymentObservation, moment: Moment): Step {
  if (tracked === undefined) return meet(seen, moment)
  const { nowMs } = moment
  const order = orderOf(tracked, seen)
  if (order === 'gone') return silently(tracked, 'gone-uid')
  if (order === 'successor') return succeed(tracked, seen, moment)
  if (order === 'older') {
    return seen.occasion === 'snapshot' ? fallBack(tracked, seen, moment) : silently(tracked, 'older')
  }
  if (order === 'current') return proceed(tracked, seen, moment)
  const changed = templateChange(tracked, seen) === 'changed'
  return changed ? beginNext(tracked, seen, nowMs) : takeBack(tracked, seen, nowMs)
}

function meet(seen: DeploymentObservation, moment: Moment): Step {
  if (seen.deleted) return endUnknown(seen, moment.nowMs)
  if (isTerminating(seen)) return { tracked: undefined, transitions: [], outcome: 'terminating' }
  if (isPremature(seen, moment)) return { tracked: undefined, transitions: [], outcome: 'premature' }
  return beginFirst(seen, moment, moment.nowMs)
}

function proceed(tracked: Tracked, seen: DeploymentObservation, moment: Moment): Step {
  const { nowMs } = moment
  if (seen.deleted) return deleted(tracked, seen, nowMs)
  // Whatever the counters do now, it is the end and no outage.
  if (isTerminating(seen)) return silently({ ...tracked, seen: seenOf(seen, nowMs) }, 'terminating')
  if (templateChange(tracked, seen) === 'changed') return beginNext(tracked, seen, nowMs)
  if (tracked.voice === 'undecided' && seen.newReplicaSet !== undefined) {
    return beginFirst(seen, { ...moment, namespaceKnown: false }, nowMs, tracked.past)
  }
  return follow(tracked, seen, nowMs)
}

function succeed(tracked: Tracked, seen: DeploymentObservation, moment: Moment): Step {
  if (isTerminating(seen)) return silently(tracked, 'terminating')
  const old = replaced(tracked, moment.nowMs)
  const past = { ...noPast, goneUids: old.tracked.past.goneUids }
  const next = seen.deleted
    ? endUnknown(seen, moment.nowMs, past)
    : beginFirst(seen, { ...moment, namespaceKnown: true }, moment.nowMs, past)
  return after(old.transitions, next)
}

// Only snapshots that keep saying so make an older stand believable: then nothing newer exists any more.
function fallBack(tracked: Tracked, seen: DeploymentObservation, moment: Moment): Step {
  const { nowMs } = moment
  const sinceMs = tracked.seen.olderSinceMs
  if (sinceMs === undefined) {
    return silently({ ...tracked, seen: { ...tracked.seen, olderSinceMs: nowMs } }, 'older')
  }
  if (nowMs - sinceMs < restoredAfterMs || isTerminating(seen)) return silently(tracked, 'older')
  const next = beginFirst(seen, { ...moment, namespaceKnown: false }, nowMs, tracked.past)
  return after(superseded(tracked, next.tracked.rollout, nowMs), next)
}

function isTerminating({ deleted: gone, deletionTimestamp }: DeploymentObservation): boolean {
  return !gone && deletionTimestamp !== undefined
}
