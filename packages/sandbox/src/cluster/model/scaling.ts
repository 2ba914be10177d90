/** Kubernetes v1.36.3 pkg/controller/deployment/sync.go: scale, scaleReplicaSet, cleanupDeployment. */

import { allOf, type DeploymentLook, type Sets } from './deployment-look.ts'
import { say } from './events.ts'
import type { ReplicaSet } from './objects.ts'
import {
  desiredAnnotation,
  maxAnnotation,
  replicaAnnotations,
  revisionOf,
} from './replica-set-annotations.ts'
import { active, limitsOf, wantedBy } from './rolling-limits.ts'

/** Returns whether its size changed. */
export function scaleSet(
  { draft, deployment }: DeploymentLook,
  set: ReplicaSet,
  replicas: number,
  force = false,
): boolean {
  const from = set.spec.replicas
  if (!force && from === replicas) return false
  const annotations = { ...set.metadata.annotations, ...replicaAnnotations(deployment) }
  const generation = (set.metadata.generation ?? 0) + (from === replicas ? 0 : 1)
  draft.write(set, {
    ...set,
    metadata: { ...set.metadata, annotations, generation },
    spec: { ...set.spec, replicas },
  })
  if (from === replicas) return false
  const words = `Scaled ${from < replicas ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${replicas}`
  say(draft, deployment, 'Normal', 'ScalingReplicaSet', words)
  return true
}

export function scaleAll(look: DeploymentLook, sets: Sets): void {
  const { deployment } = look
  const { newSet } = sets
  const { replicas } = deployment.spec
  const running = active(allOf(sets))
  const only = running.length > 1 ? undefined : (running[0] ?? newSet ?? sets.oldSets.at(-1))
  if (only) return void scaleSet(look, only, replicas)
  if (running.length === 0) return
  const saturated =
    newSet?.spec.replicas === replicas &&
    Number(newSet.metadata.annotations?.[desiredAnnotation]) === replicas &&
    (newSet.status.availableReplicas ?? 0) === replicas
  if (saturated) {
    for (const old of active(sets.oldSets)) scaleSet(look, old, 0)
    return
  }
  if (deployment.spec.strategy.type === 'RollingUpdate') scaleInProportion(look, running)
}

function scaleInProportion(look: DeploymentLook, running: readonly ReplicaSet[]): void {
  const { replicas } = look.deployment.spec
  const most = replicas === 0 ? 0 : replicas + limitsOf(look.deployment).maxSurge
  const toAdd = most - wantedBy(running)
  const newestFirst = toAdd > 0 ? -1 : 1
  const sorted = [...running].sort(
    (a, b) =>
      b.spec.replicas - a.spec.replicas ||
      (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -newestFirst : newestFirst),
  )
  let added = 0
  const shares = sorted.map((set) => {
    const share = toAdd === 0 || toAdd === added ? 0 : fractionOf(look, set)
    const allowed = toAdd - added
    const taken = toAdd > 0 ? Math.min(share, allowed) : Math.max(share, allowed)
    added += taken
    return taken
  })
  sorted.forEach((set, at) => {
    const leftover = at === 0 ? toAdd - added : 0
    scaleSet(look, set, Math.max(0, set.spec.replicas + (shares[at] ?? 0) + leftover), true)
  })
}

/** getReplicaSetFraction. */
function fractionOf({ deployment }: DeploymentLook, { spec, metadata }: ReplicaSet): number {
  const { replicas } = deployment.spec
  if (replicas === 0) return -spec.replicas
  const before = Number(metadata.annotations?.[maxAnnotation] ?? 0) || (deployment.status.replicas ?? 0)
  if (before === 0) return 0
  return Math.round((spec.replicas * (replicas + limitsOf(deployment).maxSurge)) / before) - spec.replicas
}

export function removeOldReplicaSets(
  { draft, deployment }: DeploymentLook,
  old: readonly ReplicaSet[],
): void {
  const limit = deployment.spec.revisionHistoryLimit ?? Number.POSITIVE_INFINITY
  const living = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const surplus = [...living]
    .sort((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(0, living.length - limit))
  for (const set of surplus) {
    const observed = (set.status.observedGeneration ?? 0) >= (set.metadata.generation ?? 0)
    if (observed && set.status.replicas === 0 && set.spec.replicas === 0) draft.remove(set)
  }
}
