import type { DeploymentObservation } from '@hermod/contracts'
import { findCondition, replicaSetOf } from './conditions.ts'
import type { Tracked } from './rollout.ts'
import { isComplete } from './rollout-status.ts'

/** What is known around a Deployment of which nothing is known. */
export interface Surroundings {
  /** A complete listing of its namespace was taken in before, so it was not there then. */
  readonly namespaceKnown: boolean
  /**
   * The cache file's entry against this template; absent without file or entry. `incomparable`: there is one, and the
   * observation does not carry its template; the snapshot that will make its namespace known does.
   */
  readonly cached?: 'same' | 'different' | 'incomparable' | undefined
}

/**
 * New, or already there? The first that holds decides:
 *
 * | cache entry | namespace | Deployment | then |
 * |---|---|---|---|
 * | same template | any | any | baseline: its result was told |
 * | other template | any | any | announced: it changed while we were away |
 * | none | known | any | announced: it is new |
 * | none | unknown | complete by counters | baseline |
 * | none | unknown | Progressing names its own ReplicaSet as done or timed out | baseline: an old outage |
 * | none | unknown | Progressing says so of a ReplicaSet not known to be its own | undecided |
 * | none | unknown | else | announced: it is in flight |
 *
 * An entry that cannot be compared counts as none, but `isPremature`.
 */
export function firstSight(seen: DeploymentObservation, around: Surroundings): Tracked['voice'] {
  if (around.cached === 'same') return 'baseline'
  if (around.cached === 'different' || around.namespaceKnown) return 'announced'
  if (seen.observedGeneration >= seen.generation && isComplete(seen.replicas)) return 'baseline'
  const progressing = findCondition(seen, 'Progressing')
  if (progressing === undefined || !ended.has(progressing.reason)) return 'announced'
  const named = replicaSetOf(progressing)
  if (named === undefined || named === seen.newReplicaSet?.name) return 'baseline'
  return seen.newReplicaSet === undefined ? 'undecided' : 'announced'
}

/** Taken for a baseline now, its end would never be told: the cache may say of the next observation that it is news. */
export function isPremature(seen: DeploymentObservation, around: Surroundings): boolean {
  return around.cached === 'incomparable' && firstSight(seen, around) !== 'announced'
}

const ended: ReadonlySet<string> = new Set(['NewReplicaSetAvailable', 'ProgressDeadlineExceeded'])
