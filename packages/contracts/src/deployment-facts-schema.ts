import * as v from 'valibot'
import type {
  AnnotationProblem,
  ContainerFacts,
  DeploymentCondition,
  Diagnosis,
  FieldManager,
  GitFacts,
  ReplicaCounts,
  ReplicaSetFacts,
  TemplateFacts,
} from './deployment-facts.ts'

type Schema<T> = v.GenericSchema<unknown, T>

const text = v.string()
const role = v.picklist(['container', 'init', 'sidecar'])

export const countSchema: Schema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const nameSchema: Schema<string> = v.pipe(text, v.nonEmpty('Expected a name'))
export const timeSchema: Schema<string> = v.pipe(
  text,
  v.check((time) => !Number.isNaN(Date.parse(time)), 'Expected an RFC 3339 time'),
)
export const textRecordSchema: Schema<Record<string, string>> = v.record(text, text)

export const replicaCountsSchema: Schema<ReplicaCounts> = v.object({
  wanted: countSchema,
  total: countSchema,
  updated: countSchema,
  ready: countSchema,
  available: countSchema,
  unavailable: countSchema,
})

export const conditionSchema: Schema<DeploymentCondition> = v.object({
  type: text,
  status: text,
  reason: text,
  message: text,
  lastUpdateTime: v.exactOptional(timeSchema),
  lastTransitionTime: v.exactOptional(timeSchema),
})

const containerSchema: Schema<ContainerFacts> = v.object({
  name: nameSchema,
  role,
  image: text,
  envNames: v.array(text),
  requests: textRecordSchema,
  limits: textRecordSchema,
  probes: v.array(
    v.object({
      kind: v.picklist(['liveness', 'readiness', 'startup']),
      check: text,
      initialDelaySeconds: countSchema,
      periodSeconds: countSchema,
      timeoutSeconds: countSchema,
      failureThreshold: countSchema,
    }),
  ),
})

export const containersSchema: Schema<ContainerFacts[]> = v.array(containerSchema)

export const templateSchema: Schema<TemplateFacts> = v.object({
  digest: nameSchema,
  aspects: textRecordSchema,
  keyId: text,
  digestVersion: countSchema,
  containers: containersSchema,
})

export const replicaSetSchema: Schema<ReplicaSetFacts> = v.object({
  name: nameSchema,
  uid: nameSchema,
  podTemplateHash: text,
  creationTimestamp: timeSchema,
  revision: v.exactOptional(text),
})

export const fieldManagerSchema: Schema<FieldManager> = v.object({
  manager: text,
  operation: text,
  time: v.exactOptional(timeSchema),
})

export const gitSchema: Schema<GitFacts> = v.object({
  sha: v.exactOptional(text),
  repo: v.exactOptional(text),
})

export const annotationProblemSchema: Schema<AnnotationProblem> = v.object({
  annotation: text,
  on: v.picklist(['Namespace', 'Deployment']),
  value: text,
  problem: text,
})

const terminationSchema = v.object({
  reason: text,
  exitCode: v.pipe(v.number(), v.safeInteger()),
  signal: v.exactOptional(v.pipe(v.number(), v.safeInteger())),
  message: v.exactOptional(text),
  finishedAt: v.exactOptional(timeSchema),
})

export const diagnosisSchema: Schema<Diagnosis> = v.object({
  causes: v.array(
    v.object({
      reason: nameSchema,
      message: text,
      pods: countSchema,
      container: v.exactOptional(v.object({ name: nameSchema, role, image: text })),
      restarts: countSchema,
      lastTermination: v.exactOptional(terminationSchema),
      since: v.exactOptional(timeSchema),
    }),
  ),
  newPods: countSchema,
  oldPods: countSchema,
  oldPodsFailingAlike: countSchema,
})
