import type { DeploymentCondition, DeploymentObservation } from '@hermod/contracts'
import type { Inherited } from './rollout.ts'

/** The condition of this type, unless it is the one that this attempt inherited or it speaks of another ReplicaSet. */
export function freshCondition(
  seen: DeploymentObservation,
  type: 'Progressing' | 'ReplicaFailure',
  inherited: Inherited,
): DeploymentCondition | undefined {
  const condition = findCondition(seen, type)
  if (condition === undefined || speaksOfAnother(condition, seen)) return undefined
  const stale = type === 'Progressing' ? inherited.progressing : inherited.replicaFailure
  return fingerprint(condition) === stale ? undefined : condition
}

export function findCondition(seen: DeploymentObservation, type: string): DeploymentCondition | undefined {
  return seen.conditions.find((condition) => condition.type === type)
}

/**
 * Whether the conditions still are about the attempt before: until the controller takes an attempt up, whatever it
 * writes is. But that it cannot create the ReplicaSet is all it will ever say of this one, without taking it up
 * (kubernetes pkg/controller/deployment/sync.go, getNewReplicaSet at v1.36.3).
 */
export function areOfAttemptBefore(seen: DeploymentObservation, attempt: number): boolean {
  const { observedGeneration } = seen
  return (
    observedGeneration < attempt && findCondition(seen, 'Progressing')?.reason !== 'ReplicaSetCreateError'
  )
}

/** Tells two stands of a condition apart. */
export function fingerprint(condition: DeploymentCondition | undefined): string | undefined {
  if (condition === undefined) return undefined
  const { status, reason, message, lastUpdateTime = '' } = condition
  return [status, reason, lastUpdateTime, message].join(' ')
}

// Messages name the ReplicaSet they are about, in quotes: kubernetes pkg/controller/deployment/progress.go.
const replicaSetNamed = /ReplicaSet "([^"]+)"/

/** The ReplicaSet that the condition is about, where its message says so. */
export function replicaSetOf(condition: DeploymentCondition): string | undefined {
  return replicaSetNamed.exec(condition.message)?.[1]
}

function speaksOfAnother(condition: DeploymentCondition, { newReplicaSet }: DeploymentObservation): boolean {
  const named = replicaSetOf(condition)
  return named !== undefined && newReplicaSet !== undefined && named !== newReplicaSet.name
}
