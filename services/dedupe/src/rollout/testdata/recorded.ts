import { createHash } from 'node:crypto'
import type { DeploymentObservation } from '@hermod/contracts'
import { settled } from './trace.ts'

/** What is needed of an event as the API server's history has it. */
export interface Recorded {
  readonly type: string
  readonly deployment: {
    readonly metadata: {
      readonly name: string
      readonly namespace?: string
      readonly uid: string
      readonly resourceVersion: string
      readonly generation?: number
      readonly creationTimestamp: string
      readonly deletionTimestamp?: string
      readonly annotations?: Readonly<Record<string, string>>
    }
    readonly spec: {
      readonly replicas: number
      readonly paused?: boolean
      readonly progressDeadlineSeconds?: number
      readonly template: object
    }
    readonly status: {
      readonly observedGeneration?: number
      readonly replicas?: number
      readonly updatedReplicas?: number
      readonly readyReplicas?: number
      readonly availableReplicas?: number
      readonly unavailableReplicas?: number
      readonly conditions?: readonly Partial<DeploymentObservation['conditions'][number]>[]
    }
  }
  readonly atMs: number
}

const unsaid = { type: '', status: '', reason: '', message: '' }

/** A plain reading of a real Deployment: no diagnosis and no ReplicaSet, so the Deployment must speak for itself. */
export function observationOf({ type, deployment, atMs }: Recorded): DeploymentObservation {
  const { metadata, spec, status } = deployment
  const { name, namespace = '', uid, resourceVersion, generation = 0, creationTimestamp } = metadata
  const digest = createHash('sha256').update(JSON.stringify(spec.template)).digest('hex')
  return {
    ...settled,
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp: metadata.deletionTimestamp,
    deleted: type === 'DELETED',
    observedGeneration: status.observedGeneration ?? 0,
    revision: metadata.annotations?.['deployment.kubernetes.io/revision'],
    replicas: {
      wanted: spec.replicas,
      total: status.replicas ?? 0,
      updated: status.updatedReplicas ?? 0,
      ready: status.readyReplicas ?? 0,
      available: status.availableReplicas ?? 0,
      unavailable: status.unavailableReplicas ?? 0,
    },
    paused: spec.paused ?? false,
    progressDeadlineSeconds: spec.progressDeadlineSeconds,
    conditions: (status.conditions ?? []).map((condition) => ({ ...unsaid, ...condition })),
    template: { ...settled.template, digest, aspects: { rest: digest } },
    observedAt: new Date(atMs).toISOString(),
  }
}
