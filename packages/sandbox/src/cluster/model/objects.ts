/** The objects of the model's cluster, as they travel; none is ever changed in place. */
import type { Pod as PlayedPod } from '@hermod/testkit'
import type { ManagedFields } from './managed-fields.ts'

export interface Meta {
  readonly name: string
  readonly namespace?: string
  readonly generateName?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string
  readonly labels?: Labels
  readonly annotations?: Labels
  readonly ownerReferences?: readonly OwnerReference[]
  readonly finalizers?: readonly string[]
  /** Of Deployments alone, and not of their status. */
  readonly managedFields?: readonly ManagedFields[]
}

export type Labels = Readonly<Record<string, string>>

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

export interface StoredObject {
  readonly apiVersion: string
  readonly kind: Kind
  readonly metadata: Meta
}

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly lastUpdateTime?: string
  readonly lastTransitionTime: string
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels }
  readonly spec: PlayedPod['spec']
}

interface Selector {
  readonly matchLabels?: Labels
}

/** A count, or a share such as `25%`. */
export type Share = number | string

export interface Deployment extends StoredObject {
  readonly kind: 'Deployment'
  readonly spec: {
    readonly replicas: number
    readonly selector: Selector
    readonly template: PodTemplate
    readonly strategy:
      | { readonly type: 'Recreate' }
      | {
          readonly type: 'RollingUpdate'
          readonly rollingUpdate: { readonly maxSurge: Share; readonly maxUnavailable: Share }
        }
    readonly minReadySeconds?: number
    readonly revisionHistoryLimit?: number
    readonly progressDeadlineSeconds?: number
    readonly paused?: boolean
  }
  readonly status: DeploymentStatus
}

/** A count of nothing is absent. */
export interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly unavailableReplicas?: number
  readonly terminatingReplicas?: number
  readonly collisionCount?: number
  readonly conditions?: readonly Condition[]
}

export interface ReplicaSet extends StoredObject {
  readonly kind: 'ReplicaSet'
  readonly spec: {
    readonly replicas: number
    readonly minReadySeconds?: number
    readonly selector: Selector
    readonly template: PodTemplate
  }
  readonly status: ReplicaSetStatus
}

export interface ReplicaSetStatus {
  readonly replicas: number
  readonly fullyLabeledReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly terminatingReplicas?: number
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
}

export interface Pod extends StoredObject {
  readonly kind: 'Pod'
  readonly spec: PlayedPod['spec']
  readonly status: PlayedPod['status']
}

export interface Namespace extends StoredObject {
  readonly kind: 'Namespace'
  readonly status: { readonly phase: 'Active' | 'Terminating' }
}

export interface ResourceQuota extends StoredObject {
  readonly kind: 'ResourceQuota'
  readonly spec: { readonly hard?: { readonly pods?: Share } }
}

/** core/v1. */
export interface KubeEvent extends StoredObject {
  readonly kind: 'Event'
  readonly involvedObject: {
    readonly apiVersion: string
    readonly kind: string
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly fieldPath?: string
  }
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  readonly count: number
  readonly firstTimestamp: string
  readonly lastTimestamp: string
  readonly source: { readonly component: string }
  readonly reportingComponent: string
  readonly reportingInstance: string
}

export interface Kinds {
  readonly Namespace: Namespace
  readonly Deployment: Deployment
  readonly ReplicaSet: ReplicaSet
  readonly Pod: Pod
  readonly Event: KubeEvent
  readonly ResourceQuota: ResourceQuota
}

export type Kind = keyof Kinds

export const apiVersions: Readonly<Record<Kind, string>> = {
  Namespace: 'v1',
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Pod: 'v1',
  Event: 'v1',
  ResourceQuota: 'v1',
}

export const plurals: Readonly<Record<Kind, string>> = {
  Namespace: 'namespaces',
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  Pod: 'pods',
  Event: 'events',
  ResourceQuota: 'resourcequotas',
}

export function isOwnedBy({ metadata }: StoredObject, { uid }: Pick<Meta, 'uid'>): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false
}
