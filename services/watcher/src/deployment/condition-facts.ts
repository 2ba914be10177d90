import type { DeploymentCondition, DeploymentObservation } from '@hermod/contracts'
import type { V1DeploymentCondition } from '@kubernetes/client-node'
import { clipText } from './clip-text.ts'
import type { Wire } from './wire.ts'

const mostConditions = 10
const longestWord = 100

/** The conditions of a Deployment or of a ReplicaSet, bounded. */
export function conditionFacts(
  conditions: readonly Wire<V1DeploymentCondition>[] | null | undefined,
): DeploymentCondition[] {
  return (conditions ?? []).slice(0, mostConditions).map((condition) => ({
    type: clipText(condition.type ?? '', longestWord),
    status: clipText(condition.status ?? '', longestWord),
    reason: clipText(condition.reason ?? '', longestWord),
    message: clipText(condition.message ?? ''),
    ...(condition.lastUpdateTime && { lastUpdateTime: condition.lastUpdateTime }),
    ...(condition.lastTransitionTime && { lastTransitionTime: condition.lastTransitionTime }),
  }))
}

type Observed = Pick<DeploymentObservation, 'conditions' | 'generation' | 'observedGeneration'>

/**
 * The conditions that speak of the new ReplicaSet. A Deployment may bear the failure of an old one (kubernetes 1.36
 * pkg/controller/deployment/sync.go getReplicaFailures) or of the generation before, so the new ReplicaSet speaks
 * for itself where it may be read.
 */
export function conditionsOfNew(
  { conditions, generation, observedGeneration }: Observed,
  newReplicaSet: { readonly conditions: readonly DeploymentCondition[] } | undefined,
): readonly DeploymentCondition[] {
  if (newReplicaSet !== undefined) return newReplicaSet.conditions
  return observedGeneration >= generation ? conditions : []
}
