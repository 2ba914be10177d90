import type { Change } from '../../packages/sandbox/src/cluster/model/cluster-state.ts'
import type { DeploymentEvent } from '../oracle/api-history.ts'

export type ClusterEvent = DeploymentEvent

/** A change of a Deployment as its watch tells it; undefined for anything else. */
export function eventOf({ type, object }: Change, atMs: number): ClusterEvent | undefined {
  return object.kind === 'Deployment' ? { type, atMs, object } : undefined
}
