import * as v from 'valibot'
import type {
  AnnotationProblem,
  DeploymentCondition,
  Diagnosis,
  FieldManager,
  GitFacts,
  ReplicaCounts,
  ReplicaSetFacts,
  TemplateFacts,
} from './deployment-facts.ts'
import {
  annotationProblemSchema,
  conditionSchema,
  countSchema,
  diagnosisSchema,
  fieldManagerSchema,
  gitSchema,
  nameSchema,
  replicaCountsSchema,
  replicaSetSchema,
  templateSchema,
  textRecordSchema,
  timeSchema,
} from './deployment-facts-schema.ts'
import { type Parsed, parseVersioned } from './parsed.ts'
import type { DeploymentName } from './subjects.ts'

/** The newest observation that this release writes and reads. */
export const observationVersion = 1

/**
 * Why the watcher published: something `changed` that may mean a transition; mere counter `progress`;
 * an open rollout looked at `again`; part of a `snapshot`.
 */
export type Occasion = 'changed' | 'progress' | 'again' | 'snapshot'

/**
 * What the watcher saw of one Deployment: complete by itself, so a gap, repeat or reorder is healed by the next.
 * Fields named as in the API mean what they mean there; times are RFC 3339.
 */
export interface DeploymentObservation extends DeploymentName {
  readonly kind: 'observation'
  readonly version: number
  readonly uid: string
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string | undefined
  /** The watch said DELETED: these are the last words of this uid. */
  readonly deleted: boolean
  /** Opaque: equality only. */
  readonly resourceVersion: string
  readonly generation: number
  readonly observedGeneration: number
  /** Annotation deployment.kubernetes.io/revision: it lags, skips and is renumbered by an undo. */
  readonly revision?: string | undefined
  readonly replicas: ReplicaCounts
  readonly paused: boolean
  readonly conditions: readonly DeploymentCondition[]
  readonly strategy: string
  readonly minReadySeconds: number
  readonly progressDeadlineSeconds?: number | undefined
  readonly template: TemplateFacts
  /** Only annotations under hermod.uswitch.com/. */
  readonly annotations: Readonly<Record<string, string>>
  /** Only annotations under hermod.uswitch.com/; absent where the namespace may not be read. */
  readonly namespaceAnnotations?: Readonly<Record<string, string>> | undefined
  /** The namespace is one of NAMESPACES, as deploy-notifier watched it. */
  readonly namespaceListed: boolean
  readonly problems: readonly AnnotationProblem[]
  /** Label app.dbc.dk/team of the pod template. */
  readonly team?: string | undefined
  readonly git: GitFacts
  /** Annotation kubernetes.io/change-cause. */
  readonly changeCause?: string | undefined
  readonly changedBy?: FieldManager | undefined
  readonly newReplicaSet?: ReplicaSetFacts | undefined
  readonly diagnosis?: Diagnosis | undefined
  /** The Deployment's whole `spec`, for the cache file; absent unless asked for. */
  readonly spec?: Readonly<Record<string, unknown>> | undefined
  readonly occasion: Occasion
  /** The watcher's clock. For texts only: it orders nothing. */
  readonly observedAt: string
}

export const observationSchema: v.GenericSchema<unknown, DeploymentObservation> = v.object({
  kind: v.literal('observation'),
  version: countSchema,
  cluster: nameSchema,
  namespace: nameSchema,
  name: nameSchema,
  uid: nameSchema,
  creationTimestamp: timeSchema,
  deletionTimestamp: v.exactOptional(timeSchema),
  deleted: v.boolean(),
  resourceVersion: v.string(),
  generation: countSchema,
  observedGeneration: countSchema,
  revision: v.exactOptional(v.string()),
  replicas: replicaCountsSchema,
  paused: v.boolean(),
  conditions: v.array(conditionSchema),
  strategy: v.string(),
  minReadySeconds: countSchema,
  progressDeadlineSeconds: v.exactOptional(countSchema),
  template: templateSchema,
  annotations: textRecordSchema,
  namespaceAnnotations: v.exactOptional(textRecordSchema),
  namespaceListed: v.boolean(),
  problems: v.array(annotationProblemSchema),
  team: v.exactOptional(v.string()),
  git: gitSchema,
  changeCause: v.exactOptional(v.string()),
  changedBy: v.exactOptional(fieldManagerSchema),
  newReplicaSet: v.exactOptional(replicaSetSchema),
  diagnosis: v.exactOptional(diagnosisSchema),
  spec: v.exactOptional(v.record(v.string(), v.unknown())),
  occasion: v.picklist(['changed', 'progress', 'again', 'snapshot']),
  observedAt: timeSchema,
})

/** Reads an observation from outside data; the result says malformed or newer instead of throwing. */
export function parseObservation(data: unknown): Parsed<DeploymentObservation> {
  return parseVersioned(data, observationSchema, observationVersion)
}
