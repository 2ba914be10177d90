/** One look of the deployment controller at one Deployment. */
import type { Draft } from './draft.ts'
import type { Condition, Deployment, ReplicaSet } from './objects.ts'

/** What it read, and the Deployment as it would have it. */
export interface DeploymentLook {
  readonly draft: Draft
  readonly read: Deployment
  deployment: Deployment
  readonly replicaSets: readonly ReplicaSet[]
}

export interface Sets {
  readonly newSet: ReplicaSet | undefined
  readonly oldSets: readonly ReplicaSet[]
}

export function allOf({ newSet, oldSets }: Sets): readonly ReplicaSet[] {
  return newSet ? [...oldSets, newSet] : oldSets
}

/** Throws Conflict when this look has written already. */
export function writeDeployment(look: DeploymentLook, conditions?: readonly Condition[]): void {
  if (conditions !== undefined)
    look.deployment = { ...look.deployment, status: { ...look.deployment.status, conditions } }
  look.draft.write(look.read, look.deployment)
}

const noDeadline = 2 ** 31 - 1

export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== noDeadline
}
