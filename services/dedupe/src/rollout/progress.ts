import type { DeploymentObservation, ReplicaCounts } from '@hermod/contracts'
import type { Progress, Tracked, Watch } from './rollout.ts'

/**
 * The counters as the attempt's own: until the controller has taken it up, `updated` still counts pods of the template
 * before, and none of its own is there yet.
 */
export function countsOf(
  { replicas, observedGeneration }: DeploymentObservation,
  attempt: number,
): ReplicaCounts {
  return observedGeneration < attempt ? { ...replicas, updated: 0 } : replicas
}

/** The counters of an attempt, once the controller counts its pods and no longer those of the attempt before. */
export function progressOf(seen: DeploymentObservation, attempt: number): Progress | undefined {
  if (seen.observedGeneration < attempt) return undefined
  const { total, updated, ready, available } = seen.replicas
  const old = Math.max(0, total - updated)
  return { updated, old, ready: Math.max(0, ready - old), available: Math.max(0, available - old) }
}

/** Further than the attempt has ever been, in anything. */
export function surpasses(now: Progress, best: Progress): boolean {
  return (
    now.updated > best.updated ||
    now.old < best.old ||
    now.ready > best.ready ||
    now.available > best.available
  )
}

export function furthest(one: Progress, other: Progress): Progress {
  return {
    updated: Math.max(one.updated, other.updated),
    old: Math.min(one.old, other.old),
    ready: Math.max(one.ready, other.ready),
    available: Math.max(one.available, other.available),
  }
}

export function sameCounts(one: ReplicaCounts, other: ReplicaCounts): boolean {
  return (
    one.wanted === other.wanted &&
    one.total === other.total &&
    one.updated === other.updated &&
    one.ready === other.ready &&
    one.available === other.available &&
    one.unavailable === other.unavailable
  )
}

/**
 * Whether our own progress deadline begins anew: a counter moved, the controller took the attempt up, or it was
 * paused or resumed.
 */
export function restartsClock({ rollout, seen: before }: Tracked, seen: DeploymentObservation): boolean {
  const takenUp = before.observedGeneration < rollout.attempt && seen.observedGeneration >= rollout.attempt
  const wasPaused = rollout.phase === 'paused'
  return (
    takenUp || wasPaused !== seen.paused || !sameCounts(rollout.replicas, countsOf(seen, rollout.attempt))
  )
}

/** When nothing may have progressed for too long; undefined = no deadline runs. */
export function deadlineMs(seen: DeploymentObservation, { clockMs }: Watch): number | undefined {
  const { progressDeadlineSeconds } = seen
  // The API's word for "none": kubernetes pkg/controller/deployment/util/deployment_util.go, HasProgressDeadline.
  const none = progressDeadlineSeconds === undefined || progressDeadlineSeconds === 2 ** 31 - 1
  return none || seen.paused ? undefined : clockMs + progressDeadlineSeconds * 1000
}
