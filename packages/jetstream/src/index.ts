export { asOperator } from './as-operator.ts'
export { type ConnectOptions, connectJetStream, type JetStreamConnection } from './connect.ts'
export { type ConsumeOptions, consume } from './consume.ts'
export type { Credentials } from './credentials.ts'
export type { Delivery } from './delivery.ts'
export { examineNats, type NatsExamination } from './examine-nats.ts'
export { type Bucket, type BucketOptions, type Entry, MalformedEntry, openBucket } from './kv-store.ts'
export { lastMessage } from './last-message.ts'
export { holdLease, type LeaseOptions, type LeaseTimes, type Term } from './lease.ts'
export type { Log, Report } from './log.ts'
export { checkNatsConfig, type NatsConfig, natsConnectOptions, natsSettings } from './nats-settings.ts'
export { defineOperatorTool, operatorLogin } from './operator-tool.ts'
export { NewerVersion, type Outcome } from './outcome.ts'
export { readPartitions } from './partitions.ts'
export { type ProvisionOptions, type ProvisionReport, provision } from './provision.ts'
export { provisionSettings } from './provision-service.ts'
export {
  createPublisher,
  MessageTooLarge,
  type OutgoingMessage,
  type Publisher,
  type PublisherOptions,
  type Receipt,
} from './publish.ts'
export { OutOfReach, type Reach, type ReachOptions, reachNats } from './reach.ts'
export type { Settlement } from './settlement.ts'
export { type StoredMessage, storedMessages } from './stored-messages.ts'
