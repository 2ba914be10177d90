import type { DeploymentObservation } from '@hermod/contracts'
import type { Tracked } from './rollout.ts'

/**
 * Where an observation stands to what is known.
 * `current`: of the same uid, not older. `older`: overtaken. `successor`: a younger uid under the same name.
 * `gone`: a uid that ended. `returned`: a uid that only a sweep found missing.
 */
export type Order = 'current' | 'older' | 'successor' | 'gone' | 'returned'

/**
 * One uid is ordered by generation, then observedGeneration, and by nothing else: resourceVersions are opaque and
 * clocks differ. Of two uids the one created later counts; within one second, the one that was not there before.
 */
export function orderOf(tracked: Tracked, seen: DeploymentObservation): Order {
  if (tracked.past.goneUids.includes(seen.uid)) return 'gone'
  if (seen.uid !== tracked.rollout.uid) {
    const age = Date.parse(seen.creationTimestamp) - Date.parse(tracked.creationTimestamp)
    return age >= 0 ? 'successor' : 'gone'
  }
  if (tracked.rollout.phase === 'deleted') return seen.deleted ? 'current' : 'returned'
  const { generation, observedGeneration } = tracked.seen
  const ahead = seen.generation - generation || seen.observedGeneration - observedGeneration
  // DELETED brings the last stored state, which another watcher may have seen go on.
  return ahead >= 0 || seen.deleted ? 'current' : 'older'
}
