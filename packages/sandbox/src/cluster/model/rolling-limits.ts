/** Kubernetes v1.36.3 pkg/controller/deployment/util/deployment_util.go: how many pods there may be, and must be. */
import type { Deployment, ReplicaSet, Share } from './objects.ts'

/** ResolveFenceposts: both are never 0 at once. */
export function limitsOf({ spec }: Deployment): {
  readonly maxSurge: number
  readonly maxUnavailable: number
} {
  if (spec.strategy.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 }
  const { maxSurge, maxUnavailable } = spec.strategy.rollingUpdate
  const surge = resolve(maxSurge, spec.replicas, Math.ceil)
  const unavailable = resolve(maxUnavailable, spec.replicas, Math.floor)
  const atLeastOne = surge === 0 && unavailable === 0 ? 1 : unavailable
  return { maxSurge: surge, maxUnavailable: Math.min(atLeastOne, spec.replicas) }
}

function resolve(share: Share, of: number, round: (value: number) => number): number {
  if (typeof share === 'number') return share
  return round((Number.parseInt(share, 10) * of) / 100)
}

/** NewRSNewReplicas. */
export function newReplicasOf(deployment: Deployment, all: readonly ReplicaSet[], own: number): number {
  const { replicas, strategy } = deployment.spec
  if (strategy.type === 'Recreate') return replicas
  const room = replicas + resolve(strategy.rollingUpdate.maxSurge, replicas, Math.ceil) - wantedBy(all)
  return room <= 0 ? own : own + Math.min(room, replicas - own)
}

export function wantedBy(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { spec }) => sum + spec.replicas, 0)
}

export function availableIn(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status.availableReplicas ?? 0), 0)
}

export function active(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.filter(({ spec }) => spec.replicas > 0)
}
