/** Kubernetes v1.36.3 pkg/controller/deployment/recreate.go: nothing new before all that is old is gone. */

import type { DeploymentLook, Sets } from './deployment-look.ts'
import { newReplicaSet } from './new-replica-set.ts'
import { isOwnedBy, type ReplicaSet } from './objects.ts'
import { active } from './rolling-limits.ts'
import { isComplete } from './rollout-status.ts'
import { removeOldReplicaSets, scaleSet } from './scaling.ts'

export function rollOutByRecreation(look: DeploymentLook): Sets {
  const sets = newReplicaSet(look, false)
  const scaledDown = active(sets.oldSets).filter((set) => scaleSet(look, set, 0))
  if (scaledDown.length > 0 || sets.oldSets.some((set) => runsPods(look, set))) return sets
  const ready = sets.newSet ? sets : newReplicaSet(look, true)
  if (ready.newSet) scaleSet(look, ready.newSet, look.deployment.spec.replicas)
  if (isComplete(look.deployment, look.deployment.status)) removeOldReplicaSets(look, ready.oldSets)
  return ready
}

function runsPods({ draft }: DeploymentLook, set: ReplicaSet): boolean {
  const { namespace = '' } = set.metadata
  return set.status.replicas > 0 || draft.list('Pod', namespace).some((pod) => isOwnedBy(pod, set.metadata))
}
