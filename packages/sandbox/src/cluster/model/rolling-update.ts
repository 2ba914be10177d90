/** Kubernetes v1.36.3 pkg/controller/deployment/rolling.go. */

import { allOf, type DeploymentLook, type Sets } from './deployment-look.ts'
import { newReplicaSet } from './new-replica-set.ts'
import type { ReplicaSet } from './objects.ts'
import { active, availableIn, limitsOf, newReplicasOf, wantedBy } from './rolling-limits.ts'
import { isComplete } from './rollout-status.ts'
import { removeOldReplicaSets, scaleSet } from './scaling.ts'

/** Scales the new ReplicaSet up, else the old ones down; returns all of them as they were before. */
export function rollOutByUpdate(look: DeploymentLook): Sets {
  const sets = newReplicaSet(look, true)
  const { newSet } = sets
  if (!newSet || scaleUp(look, sets, newSet) || scaleDown(look, sets, newSet)) return sets
  if (isComplete(look.deployment, look.deployment.status)) removeOldReplicaSets(look, sets.oldSets)
  return sets
}

function scaleUp(look: DeploymentLook, sets: Sets, newSet: ReplicaSet): boolean {
  const { replicas } = look.deployment.spec
  const own = newSet.spec.replicas
  if (own >= replicas) return scaleSet(look, newSet, replicas)
  return scaleSet(look, newSet, newReplicasOf(look.deployment, allOf(sets), own))
}

/** Never below what must be available: pods that are not ready go first, then as many others as may. */
function scaleDown(look: DeploymentLook, sets: Sets, newSet: ReplicaSet): boolean {
  const old = active(sets.oldSets)
  const least = look.deployment.spec.replicas - limitsOf(look.deployment).maxUnavailable
  const newUnavailable = newSet.spec.replicas - (newSet.status.availableReplicas ?? 0)
  let unhealthy = wantedBy(allOf(sets)) - least - newUnavailable
  if (old.length === 0 || unhealthy <= 0) return false
  let healthy = Math.max(0, availableIn(allOf(sets)) - least)
  let scaled = false
  for (const set of old) {
    const { replicas } = set.spec
    const sick = Math.min(unhealthy, replicas - (set.status.availableReplicas ?? 0))
    unhealthy -= sick
    const sound = Math.min(replicas - sick, healthy)
    healthy -= sound
    if (scaleSet(look, set, replicas - sick - sound)) scaled = true
  }
  return scaled
}
