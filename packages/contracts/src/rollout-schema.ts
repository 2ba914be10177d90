import * as v from 'valibot'
import {
  annotationProblemSchema,
  containersSchema,
  countSchema,
  diagnosisSchema,
  fieldManagerSchema,
  gitSchema,
  nameSchema,
  replicaCountsSchema,
  textRecordSchema,
  timeSchema,
} from './deployment-facts-schema.ts'
import type { Change, GoodVersion, Rollout, RolloutTimes } from './rollout.ts'

type Schema<T> = v.GenericSchema<unknown, T>

const text = v.string()

const imagesSchema = v.array(
  v.object({ container: nameSchema, from: v.exactOptional(text), to: v.exactOptional(text) }),
)

const changeSchema: Schema<Change> = v.object({
  classes: v.array(v.picklist(['new-image', 'config', 'resources', 'restart', 'rollback', 'new-deployment'])),
  rollbackTo: v.exactOptional(text),
  images: imagesSchema,
  env: v.array(
    v.object({
      container: nameSchema,
      added: v.array(text),
      removed: v.array(text),
      valuesChanged: v.boolean(),
    }),
  ),
  resources: v.array(
    v.object({
      container: nameSchema,
      bound: v.picklist(['request', 'limit']),
      resource: nameSchema,
      from: v.exactOptional(text),
      to: v.exactOptional(text),
    }),
  ),
  otherAspects: v.array(text),
})

const goodVersionSchema: Schema<GoodVersion> = v.object({
  attempt: countSchema,
  revision: v.exactOptional(text),
  containers: containersSchema,
  git: gitSchema,
  finishedAt: timeSchema,
  tookSeconds: v.exactOptional(v.number()),
})

const timesSchema: Schema<RolloutTimes> = v.object({
  startedAt: timeSchema,
  progressedAt: timeSchema,
  stalledAt: v.exactOptional(timeSchema),
  failedAt: v.exactOptional(timeSchema),
  pausedAt: v.exactOptional(timeSchema),
  finishedAt: v.exactOptional(timeSchema),
  deadlineAt: v.exactOptional(timeSchema),
})

export const rolloutSchema: Schema<Rollout> = v.object({
  cluster: nameSchema,
  namespace: nameSchema,
  name: nameSchema,
  uid: nameSchema,
  attempt: countSchema,
  phase: v.picklist(['progressing', 'stalled', 'paused', 'complete', 'failed', 'superseded', 'deleted']),
  reason: text,
  message: v.exactOptional(text),
  revision: v.exactOptional(text),
  replicas: replicaCountsSchema,
  containers: containersSchema,
  change: changeSchema,
  diagnosis: v.exactOptional(diagnosisSchema),
  times: timesSchema,
  typicalSeconds: v.exactOptional(v.number()),
  lastGood: v.exactOptional(goodVersionSchema),
  supersededBy: v.exactOptional(v.object({ attempt: countSchema, images: imagesSchema })),
  git: gitSchema,
  changedBy: v.exactOptional(fieldManagerSchema),
  changeCause: v.exactOptional(text),
  team: v.exactOptional(text),
  annotations: textRecordSchema,
  namespaceAnnotations: v.exactOptional(textRecordSchema),
  namespaceListed: v.boolean(),
  problems: v.array(annotationProblemSchema),
})
