import * as v from 'valibot'
import { countSchema, nameSchema, timeSchema } from './deployment-facts-schema.ts'
import { type DeploymentObservation, parseObservation } from './deployment-observation.ts'
import { type Parsed, parseVersioned } from './parsed.ts'

/** The newest marker that this release writes and reads. */
export const markerVersion = 1

interface Marker {
  readonly version: number
  readonly cluster: string
  readonly partition: number
  readonly observedAt: string
}

/** From here on this partition is told whole. What was last stored before this marker's stream time may be swept. */
export interface SnapshotBegin extends Marker {
  readonly kind: 'snapshot-begin'
  readonly snapshotId: string
}

/** A Deployment that stood in the cluster when the snapshot was taken. */
export interface SnapshotEntry {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/**
 * The end of a snapshot, in `pieces` messages of at most 128 KiB, numbered from 1. Only a reader of all of them
 * may sweep, and only in `namespaces`: those that were listed completely.
 */
export interface SnapshotEnd extends Marker {
  readonly kind: 'snapshot-end'
  readonly snapshotId: string
  readonly piece: number
  readonly pieces: number
  readonly namespaces: readonly string[]
  /** They are all that this cluster's watcher watches: another one left the scope, or is gone, while nobody looked. */
  readonly wholeScope?: boolean | undefined
  readonly deployments: readonly SnapshotEntry[]
}

/** The namespace left the scope: its Deployments are no longer watched, its baseline is forgotten. */
export interface NamespaceReleased extends Marker {
  readonly kind: 'released'
  readonly namespace: string
}

export type SnapshotMarker = SnapshotBegin | SnapshotEnd | NamespaceReleased

const marker = { version: countSchema, cluster: nameSchema, partition: countSchema, observedAt: timeSchema }

export const markerSchema: v.GenericSchema<unknown, SnapshotMarker> = v.variant('kind', [
  v.object({ ...marker, kind: v.literal('snapshot-begin'), snapshotId: nameSchema }),
  v.object({
    ...marker,
    kind: v.literal('snapshot-end'),
    snapshotId: nameSchema,
    piece: countSchema,
    pieces: countSchema,
    namespaces: v.array(nameSchema),
    wholeScope: v.optional(v.boolean()),
    deployments: v.array(v.object({ namespace: nameSchema, name: nameSchema, uid: nameSchema })),
  }),
  v.object({ ...marker, kind: v.literal('released'), namespace: nameSchema }),
])

/** Reads a marker from outside data; the result says malformed or newer instead of throwing. */
export function parseMarker(data: unknown): Parsed<SnapshotMarker> {
  return parseVersioned(data, markerSchema, markerVersion)
}

/** Reads whatever the watcher puts on OBSERVATIONS. */
export function parseObserved(data: unknown): Parsed<DeploymentObservation | SnapshotMarker> {
  const isMarker = typeof data === 'object' && data !== null && 'kind' in data && data.kind !== 'observation'
  return isMarker ? parseMarker(data) : parseObservation(data)
}
