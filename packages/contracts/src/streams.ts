import { subjectsOf } from './subjects.ts'

const second = 1_000
const hour = 3_600 * second
const day = 24 * hour
const mebibyte = 1024 * 1024

/** How many partitions a new installation gets; an existing one keeps what its stream's metadata say. */
export const defaultPartitions = 16

/** The key of the stream metadata that holds the number of partitions. */
export const partitionsMetadataKey = 'hermod-partitions'

/**
 * A stream as this project needs it, in the spelling of our code: sizes in bytes, times in milliseconds.
 * Every stream is file-stored with `limits` retention and `discard: new`: what was acknowledged stays, and a
 * full stream refuses instead of dropping. Only within one subject do the oldest messages go.
 */
export interface StreamDefinition {
  readonly name: string
  readonly subjects: readonly string[]
  readonly maxAgeMs: number
  readonly maxBytes: number
  /** -1: no limit. */
  readonly maxMessagesPerSubject: number
  readonly maxMessageBytes: number
  readonly duplicateWindowMs: number
  /** Its subjects carry a partition token, so its metadata fix the number of partitions. */
  readonly partitioned: boolean
}

/** A durable pull consumer: explicit ack, one message in flight, never given up by the server. */
export interface ConsumerDefinition {
  readonly name: string
  readonly stream: string
  readonly filterSubject: string
  readonly ackWaitMs: number
  readonly maxAckPending: number
}

/** A KV bucket with a history of one: every entry is a whole state. */
export interface BucketDefinition {
  readonly name: string
  readonly maxBytes: number
  readonly maxValueBytes: number
  /** Live changes for plain subscribers: KV subject pattern and what it is republished as. */
  readonly republish?: { readonly source: string; readonly destination: string }
}

type StreamName = 'observations' | 'rollouts' | 'deliveries' | 'deadLetters'
type BucketName = 'rollouts' | 'specs' | 'baselines' | 'cards' | 'clusters' | 'leases'

export const streams: Readonly<Record<StreamName, StreamDefinition>> = {
  observations: {
    name: 'OBSERVATIONS',
    subjects: [subjectsOf.observations],
    maxAgeMs: 6 * hour,
    maxBytes: 4096 * mebibyte,
    maxMessagesPerSubject: 256,
    maxMessageBytes: mebibyte / 2,
    duplicateWindowMs: 600 * second,
    partitioned: true,
  },
  rollouts: {
    name: 'ROLLOUTS',
    subjects: [subjectsOf.rollouts],
    maxAgeMs: 14 * day,
    maxBytes: 2048 * mebibyte,
    maxMessagesPerSubject: 256,
    maxMessageBytes: mebibyte / 2,
    duplicateWindowMs: 600 * second,
    partitioned: true,
  },
  deliveries: {
    name: 'DELIVERIES',
    subjects: [subjectsOf.deliveries],
    maxAgeMs: 14 * day,
    maxBytes: 256 * mebibyte,
    maxMessagesPerSubject: 8,
    maxMessageBytes: mebibyte / 2,
    duplicateWindowMs: 600 * second,
    partitioned: true,
  },
  deadLetters: {
    name: 'DEAD_LETTERS',
    subjects: [subjectsOf.deadLetters],
    maxAgeMs: 30 * day,
    maxBytes: 256 * mebibyte,
    maxMessagesPerSubject: -1,
    maxMessageBytes: mebibyte,
    duplicateWindowMs: 600 * second,
    partitioned: false,
  },
}

export const buckets: Readonly<Record<BucketName, BucketDefinition>> = {
  /** State of each Deployment, by `deploymentKey`; also the outbox of its last step. */
  rollouts: {
    name: 'rollouts',
    maxBytes: 1024 * mebibyte,
    maxValueBytes: mebibyte / 2,
    republish: {
      source: '$KV.rollouts.*.*.*.*',
      destination: 'hermod.state.{{wildcard(2)}}.{{wildcard(3)}}.{{wildcard(4)}}',
    },
  },
  /** Full specs for the Artifactory cache. They hold values of env: for dedupe alone, never republished. */
  specs: { name: 'specs', maxBytes: 1024 * mebibyte, maxValueBytes: mebibyte / 2 },
  /** What is remembered of a snapshot between its markers. */
  baselines: { name: 'baselines', maxBytes: 64 * mebibyte, maxValueBytes: mebibyte / 2 },
  /** Desired, intent and sent of each card, and what is open in each channel. */
  cards: { name: 'cards', maxBytes: 1024 * mebibyte, maxValueBytes: mebibyte / 2 },
  /** Cluster name → uid of its kube-system: two clusters of one name must not mix. */
  clusters: { name: 'clusters', maxBytes: 16 * mebibyte, maxValueBytes: 64 * 1024 },
  /** Who holds which lease. */
  leases: { name: 'leases', maxBytes: 16 * mebibyte, maxValueBytes: 64 * 1024 },
}

// A killed consumer blocks its partition for ackWaitMs; a spurious redelivery is harmless. So it is short,
// and working() is sent several times within it.
const ackWaitMs = 2_500

/** Every durable consumer of an installation with this many partitions; `readers` are those of other programs. */
export function consumersFor(
  partitions: number,
  readers: readonly string[] = [],
): readonly ConsumerDefinition[] {
  const each = Array.from({ length: partitions }, (_, partition) => partition)
  return [
    ...each.map((partition) => observationConsumer(partition)),
    ...each.map((partition) => transitionConsumer(partition)),
    ...['cache', ...readers].map((name) => wholeStreamConsumer(name)),
  ]
}

/** A consumer that is told every transition, whatever its partition. */
function wholeStreamConsumer(name: string): ConsumerDefinition {
  return {
    name,
    stream: streams.rollouts.name,
    filterSubject: subjectsOf.rollouts,
    ackWaitMs: 30_000,
    maxAckPending: 256,
  }
}

/** Dedupe's consumer of one partition. */
export function observationConsumer(partition: number): ConsumerDefinition {
  return {
    name: `dedupe-${partition}`,
    stream: streams.observations.name,
    filterSubject: subjectsOf.observationsOf(partition),
    ackWaitMs,
    maxAckPending: 1,
  }
}

/** The notifier's consumer of one partition. */
export function transitionConsumer(partition: number): ConsumerDefinition {
  return {
    name: `notifier-${partition}`,
    stream: streams.rollouts.name,
    filterSubject: subjectsOf.rolloutsOf(partition),
    ackWaitMs,
    maxAckPending: 1,
  }
}
