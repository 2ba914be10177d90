/** Kubernetes v1.36.3 pkg/controller/deployment/progress.go, and calculateStatus of sync.go. */
import { isDeepStrictEqual } from 'node:util'
import { findCondition, progressing, removeCondition, setCondition } from './conditions.ts'
import { counted } from './counted.ts'
import { allOf, type DeploymentLook, hasDeadline, type Sets, writeDeployment } from './deployment-look.ts'
import type { Condition, Deployment, DeploymentStatus } from './objects.ts'
import { availableIn, limitsOf, wantedBy } from './rolling-limits.ts'

/** syncDeploymentStatus: the counters alone. */
export function writeStatus(look: DeploymentLook, sets: Sets): void {
  write(look, statusOf(look, sets))
}

/** syncRolloutStatus: the counters, and what they say about the rollout. */
export function writeRolloutStatus(look: DeploymentLook, sets: Sets): void {
  const status = statusOf(look, sets)
  const conditions = failures(progress(look, sets, status), sets)
  if (!write(look, { ...status, conditions })) lookAtTheDeadline(look)
}

/** DeploymentComplete. */
export function isComplete({ metadata, spec }: Deployment, status: DeploymentStatus): boolean {
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status
  return (
    updatedReplicas === spec.replicas &&
    replicas === spec.replicas &&
    availableReplicas === spec.replicas &&
    observedGeneration >= (metadata.generation ?? 0)
  )
}

function write(look: DeploymentLook, status: DeploymentStatus): boolean {
  if (isDeepStrictEqual(look.deployment.status, status)) return false
  look.deployment = { ...look.deployment, status }
  writeDeployment(look)
  return true
}

function statusOf({ deployment, draft }: DeploymentLook, sets: Sets): DeploymentStatus {
  const all = allOf(sets)
  const sum = (count: (status: (typeof all)[number]['status']) => number | undefined): number =>
    all.reduce((total, { status }) => total + (count(status) ?? 0), 0)
  const available = availableIn(all)
  const { collisionCount, conditions } = deployment.status
  const enough = available >= deployment.spec.replicas - limitsOf(deployment).maxUnavailable
  const minimum: Condition = {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
    lastUpdateTime: draft.now,
    lastTransitionTime: draft.now,
  }
  return {
    ...(deployment.metadata.generation !== undefined && {
      observedGeneration: deployment.metadata.generation,
    }),
    ...counted({
      replicas: sum(({ replicas }) => replicas),
      updatedReplicas: sets.newSet?.status.replicas ?? 0,
      readyReplicas: sum(({ readyReplicas }) => readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wantedBy(all) - available),
    }),
    terminatingReplicas: sum(({ terminatingReplicas }) => terminatingReplicas),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions: setCondition(conditions, minimum),
  }
}

// A Progressing condition that says NewReplicaSetAvailable stays while all pods are of the new ReplicaSet, whatever
// ReplicaSet it names: after a rollback it may be stale for ever.
function progress(
  { deployment, draft }: DeploymentLook,
  { newSet }: Sets,
  status: DeploymentStatus,
): readonly Condition[] {
  const before = deployment.status
  const current = findCondition(before.conditions, 'Progressing')
  if (!hasDeadline(deployment)) return removeCondition(status.conditions, 'Progressing')
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable'
  const { conditions = [] } = status
  if (settled) return conditions
  const who = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  if (isComplete(deployment, status)) {
    const words = `${who} has successfully progressed.`
    return setCondition(conditions, progressing('True', 'NewReplicaSetAvailable', words, draft.now))
  }
  if (hasProgressed(before, status)) {
    const condition = progressing('True', 'ReplicaSetUpdated', `${who} is progressing.`, draft.now)
    const { lastTransitionTime } = current?.status === 'True' ? current : condition
    return setCondition(removeCondition(conditions, 'Progressing'), { ...condition, lastTransitionTime })
  }
  if (!hasTimedOut(deployment, current, draft.nowMs)) return conditions
  const words = `${who} has timed out progressing.`
  return setCondition(conditions, progressing('False', 'ProgressDeadlineExceeded', words, draft.now))
}

/** DeploymentProgressing. */
function hasProgressed(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

/** DeploymentTimedOut. */
function hasTimedOut(deployment: Deployment, current: Condition | undefined, nowMs: number): boolean {
  if (!current || current.reason === 'NewReplicaSetAvailable') return false
  return current.reason === 'ProgressDeadlineExceeded' || deadlineOf(deployment, current) < nowMs
}

function deadlineOf({ spec }: Deployment, { lastUpdateTime = '' }: Condition): number {
  return Date.parse(lastUpdateTime) + (spec.progressDeadlineSeconds ?? 0) * 1_000
}

/** getReplicaFailures: the new ReplicaSet's counts first. */
function failures(conditions: readonly Condition[], sets: Sets): readonly Condition[] {
  const failing = [sets.newSet, ...allOf(sets)].flatMap(
    (set) => findCondition(set?.status.conditions, 'ReplicaFailure') ?? [],
  )
  const [first] = failing
  if (!first) return removeCondition(conditions, 'ReplicaFailure')
  return setCondition(conditions, { ...first, lastUpdateTime: first.lastTransitionTime })
}

// After the first no deadline passes, and the second is said once.
const settledReasons = ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded']

/** requeueStuckDeployment: nothing else would wake us when the deadline passes. */
function lookAtTheDeadline({ deployment, draft }: DeploymentLook): void {
  const current = findCondition(deployment.status.conditions, 'Progressing')
  if (!current || !hasDeadline(deployment) || settledReasons.includes(current.reason)) return
  const leftMs = deadlineOf(deployment, current) - draft.nowMs
  const { namespace = '', name } = deployment.metadata
  const work = { controller: 'Deployment', namespace, name } as const
  draft.schedule(work, leftMs < 1_000 ? Math.max(leftMs, 0) + 5 : leftMs + 1_000, ' again')
}
