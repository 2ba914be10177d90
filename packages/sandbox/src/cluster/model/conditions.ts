/** Kubernetes v1.36.3 pkg/controller/deployment/util/deployment_util.go, the part about conditions. */
import type { Condition } from './objects.ts'

export type Conditions = readonly Condition[] | undefined

export function findCondition(conditions: Conditions, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

/** SetDeploymentCondition: one of the same status and reason stays as it is, its text and times too. */
export function setCondition(conditions: Conditions, condition: Condition): readonly Condition[] {
  const current = findCondition(conditions, condition.type)
  if (current?.status === condition.status && current.reason === condition.reason) return conditions ?? []
  const { lastTransitionTime } = current?.status === condition.status ? current : condition
  return [...removeCondition(conditions, condition.type), { ...condition, lastTransitionTime }]
}

export function removeCondition(conditions: Conditions, type: string): readonly Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type)
}

export function progressing(
  status: Condition['status'],
  reason: string,
  message: string,
  now: string,
): Condition {
  return { type: 'Progressing', status, reason, message, lastUpdateTime: now, lastTransitionTime: now }
}
