import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
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
      readonly managedFields?: readonly Writer[]
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

/** An entry of managedFields. */
interface Writer {
  readonly manager?: string
  readonly operation?: string
  readonly time?: string
  readonly subresource?: string
  readonly fieldsV1?: unknown
}

const unsaid = { type: '', status: '', reason: '', message: '' }

function writesTemplate({ subresource, fieldsV1 }: Writer): boolean {
  return subresource === undefined && JSON.stringify(fieldsV1 ?? null).includes('"f:template"')
}

function lastWriter(writers: readonly Writer[] = []): DeploymentObservation['changedBy'] {
  const [newest] = writers.filter(writesTemplate).toSorted((a, b) => ((a.time ?? '') > (b.time ?? '') ? -1 : 1))
  if (newest === undefined) return undefined
  const { manager = '', operation = '', time } = newest
  return { manager, operation, time }
}

/** A plain reading of a real Deployment: no diagnosis and no ReplicaSet, so the Deployment must speak for itself. */
function observationOf({ type, deployment, atMs }: Recorded): DeploymentObservation {
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
    changedBy: lastWriter(metadata.managedFields),
    progressDeadlineSeconds: spec.progressDeadlineSeconds,
    conditions: (status.conditions ?? []).map((condition) => ({ ...unsaid, ...condition })),
    template: { ...settled.template, digest, aspects: { rest: digest } },
    observedAt: new Date(atMs).toISOString(),
  }
}

/** The last is looked at once more so much later, as the watcher does. */
export function observationsOf(events: readonly Recorded[], againAfterMs?: number): DeploymentObservation[] {
  const last = events.at(-1)
  const again = last && againAfterMs !== undefined ? [{ ...last, atMs: last.atMs + againAfterMs }] : []
  return [...events, ...again].map(observationOf)
}

const folder = new URL('recorded/', import.meta.url)

/** What the real controller did to a Deployment at each play (bench/record-plays.ts), by the play's name. */
export const recordedPlays: ReadonlyMap<string, readonly Recorded[]> = new Map(
  readdirSync(folder).map((file) => {
    const [title = '', ...lines] = readFileSync(new URL(file, folder), 'utf8').trim().split('\n')
    // Each item of the YAML is a line of JSON.
    return [title.slice(2), lines.map((line): Recorded => JSON.parse(line.slice(2)))]
  }),
)
