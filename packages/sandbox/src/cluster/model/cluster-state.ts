import type { KubeletPlan, PodState } from '@hermod/testkit'
import type { Kind, Kinds, Pod, ReplicaSet, StoredObject } from './objects.ts'

/** Everything there is of one cluster. A value: each step makes another, and older ones stay as they are. */
export interface ClusterState {
  readonly objects: Objects
  /** The resourceVersion of the last change. */
  readonly version: number
  readonly agenda: ReadonlyMap<string, Due>
  /** How often a controller failed at an object since it last did not, by the key of its work. */
  readonly failures: ReadonlyMap<string, number>
  /** By uid. */
  readonly lives: ReadonlyMap<string, PodLife>
  /** State of the random numbers. */
  readonly seed: number
}

/** By kind, then by `namespace/name`. */
export type Objects = { readonly [K in Kind]: ReadonlyMap<string, Kinds[K]> }

/** What a controller has to look at. */
export interface Work {
  readonly controller:
    | 'Deployment'
    | 'ReplicaSet'
    | 'Pod'
    | 'pod-end'
    | 'Namespace'
    | 'owner'
    | 'dependents'
    | 'Event'
  readonly namespace: string
  readonly name: string
}

export interface Due {
  readonly work: Work
  readonly atMs: number
}

/** How far a node has come with a pod. */
export interface PodLife {
  readonly plan: KubeletPlan
  readonly state: PodState
  /** Tries of the whole pod that failed: no node, no volume. */
  readonly failures: number
  readonly containers: ReadonlyMap<string, ContainerLife>
}

/** `beat` counts the steps of the container's plan. */
export interface ContainerLife {
  readonly beat: number
  readonly failures: number
  /** When its next beat comes; Infinity for never. */
  readonly atMs: number
}

/** One change of one object: what a watch tells. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** Of a deletion: the last state, with the resourceVersion of the deletion. */
  readonly object: StoredObject
  readonly before?: StoredObject
}

export interface ClusterOptions {
  /** What becomes of each pod; ready after 30 ms by default. */
  readonly planPod?: (pod: Pod) => KubeletPlan
  /** How many times faster than on real nodes back-offs pass; 50 by default. */
  readonly speed?: number
  /** From a pod's deletionTimestamp to its end; 0 by default. */
  readonly terminationMs?: number
  /** Each controller's look comes up to so much later, at random; 0 by default. */
  readonly jitterMs?: number
  /**
   * Whether the Deployment's controller is late with its note that it made this ReplicaSet: another write was quicker,
   * and what Progressing said before stays until there is progress. `chance` is of [0, 1). Never by default.
   */
  readonly missesNote?: (made: ReplicaSet, chance: number) => boolean
}
