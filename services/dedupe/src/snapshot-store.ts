// Owns, in the bucket `baselines`, what is remembered of a snapshot between its markers.
// S1. Bounded: the last begins of each place, and one piece per number, overwritten by the next snapshot. What is
//     lost or mixed up by two watchers makes a snapshot incomplete, and an incomplete one sweeps nothing.
import {
  escapeToken,
  type Parsed,
  parseFields,
  parseMarker,
  type SnapshotBegin,
  type SnapshotEnd,
} from '@hermod/contracts'
import { type Bucket, type BucketOptions, openBucket } from '@hermod/jetstream'

export interface SnapshotStore {
  begun(begin: SnapshotBegin, atMs: number, signal: AbortSignal): Promise<void>
  /** Takes a piece in. Tells all of them once the last is there. */
  ended(end: SnapshotEnd, signal: AbortSignal): Promise<CompleteSnapshot | undefined>
}

export interface CompleteSnapshot {
  /** Stream time of the begin marker; undefined when that was never seen. */
  readonly beganMs: number | undefined
  readonly pieces: readonly SnapshotEnd[]
}

interface Begins {
  readonly version: number
  readonly begins: readonly { readonly snapshotId: string; readonly atMs: number }[]
}

const beginsKept = 4

export function openSnapshotStore(options: Omit<BucketOptions<unknown>, 'parse'>): SnapshotStore {
  const begins = openBucket({ ...options, parse: parseBegins })
  return snapshotStore(begins, openBucket({ ...options, parse: parsePiece }))
}

function snapshotStore(begins: Bucket<Begins>, pieces: Bucket<SnapshotEnd>): SnapshotStore {
  return {
    async begun({ cluster, partition, snapshotId }, atMs, signal) {
      const key = placeKey(cluster, partition)
      const entry = await begins.load(key, signal)
      const others = (entry?.value.begins ?? []).filter((begin) => begin.snapshotId !== snapshotId)
      const kept = [...others, { snapshotId, atMs }].slice(-beginsKept)
      await overwrite(begins, key, { version: 1, begins: kept }, signal)
    },
    async ended(end, signal) {
      const key = placeKey(end.cluster, end.partition)
      const known = await begins.load(key, signal)
      const beganMs = known?.value.begins.find(({ snapshotId }) => snapshotId === end.snapshotId)?.atMs
      if (end.pieces === 1) return { beganMs, pieces: [end] }
      await overwrite(pieces, `${key}.${end.piece}`, end, signal)
      const all: SnapshotEnd[] = []
      for (let piece = 1; piece <= end.pieces; piece++) {
        const stored = await pieces.load(`${key}.${piece}`, signal)
        if (stored?.value.snapshotId !== end.snapshotId) return undefined
        all.push(stored.value)
      }
      return { beganMs, pieces: all }
    },
  }
}

function placeKey(cluster: string, partition: number): string {
  return `${partition}.${escapeToken(cluster)}`
}

async function overwrite<T>(bucket: Bucket<T>, key: string, value: T, signal: AbortSignal): Promise<void> {
  for (;;) {
    const entry = await bucket.load(key, signal)
    if ((await bucket.save(key, value, entry?.kvRevision, signal)) !== undefined) return
  }
}

function parsePiece(data: unknown): Parsed<SnapshotEnd> {
  const parsed = parseMarker(data)
  if (parsed.kind !== 'ok') return parsed
  const { value } = parsed
  return value.kind === 'snapshot-end'
    ? { kind: 'ok', value }
    : { kind: 'malformed', problem: 'not a snapshot-end' }
}

function parseBegins(data: unknown): Parsed<Begins> {
  return parseFields<Begins>(data, 1, ({ begins }) =>
    Array.isArray(begins) ? { version: 1, begins } : 'begins: expected a list',
  )
}
