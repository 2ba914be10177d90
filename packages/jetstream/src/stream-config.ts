import {
  type BucketDefinition,
  type ConsumerDefinition,
  partitionsMetadataKey,
  type StreamDefinition,
} from '@hermod/contracts'
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'

/** What differs from one installation to the other. */
export interface Installation {
  readonly partitions: number
  /** Copies of each stream: 1, or 3 on a cluster. */
  readonly replicas: number
  /** Other programs that follow ROLLOUTS. */
  readonly readers: readonly string[]
  /** Whether the server knows message TTLs (2.11); an older one would forget the setting silently. */
  readonly messageTtl: boolean
}

export type WantedStream = Partial<StreamConfig> & { readonly name: string }
export type WantedConsumer = Partial<ConsumerConfig> & { readonly name: string }

const nanoseconds = (ms: number): number => ms * 1_000_000

/** What every stream of ours has: nothing acknowledged is dropped, and nobody deletes single messages. */
const common = {
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  deny_delete: true,
  allow_direct: true,
} as const

export function streamConfig(
  definition: StreamDefinition,
  { partitions, replicas }: Installation,
): WantedStream {
  return {
    ...common,
    name: definition.name,
    subjects: [...definition.subjects],
    max_age: nanoseconds(definition.maxAgeMs),
    max_bytes: definition.maxBytes,
    max_msgs_per_subject: definition.maxMessagesPerSubject,
    max_msg_size: definition.maxMessageBytes,
    duplicate_window: nanoseconds(definition.duplicateWindowMs),
    num_replicas: replicas,
    ...(definition.partitioned && { metadata: { [partitionsMetadataKey]: String(partitions) } }),
  }
}

export function bucketConfig(
  definition: BucketDefinition,
  { replicas, messageTtl }: Installation,
): WantedStream {
  const { name, maxBytes, maxValueBytes, republish } = definition
  return {
    ...common,
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    max_bytes: maxBytes,
    max_msgs_per_subject: 1,
    max_msg_size: maxValueBytes,
    allow_rollup_hdrs: true,
    num_replicas: replicas,
    ...(messageTtl && { allow_msg_ttl: true }),
    ...(republish && { republish: { src: republish.source, dest: republish.destination } }),
  }
}

export function consumerConfig({
  name,
  filterSubject,
  ackWaitMs,
  maxAckPending,
}: ConsumerDefinition): WantedConsumer {
  return {
    name,
    durable_name: name,
    filter_subject: filterSubject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: nanoseconds(ackWaitMs),
    max_ack_pending: maxAckPending,
    max_deliver: -1,
  }
}
