export {
  type CloudEvent,
  cloudEventContentType,
  decodeEvent,
  type EventType,
  encodeEvent,
  eventHeaders,
  type NewEvent,
} from './cloud-event.ts'
export { type DeadLetter, deadLetterVersion, parseDeadLetter } from './dead-letter.ts'
export { type DeliveryReceipt, parseReceipt, receiptVersion } from './delivery-receipt.ts'
export type {
  AnnotationProblem,
  Cause,
  ContainerFacts,
  ContainerRole,
  DeploymentCondition,
  Diagnosis,
  FieldManager,
  GitFacts,
  ProbeFacts,
  ReplicaCounts,
  ReplicaSetFacts,
  TemplateFacts,
  Termination,
} from './deployment-facts.ts'
export {
  type DeploymentObservation,
  type Occasion,
  observationVersion,
  parseObservation,
} from './deployment-observation.ts'
export { observationMessageId, transitionMessageId } from './message-id.ts'
export { type Parsed, parseFields, parseJson } from './parsed.ts'
export { partitionOf } from './partition.ts'
export type {
  Change,
  ChangeClass,
  EnvChange,
  GoodVersion,
  ImageChange,
  Phase,
  ResourceChange,
  Rollout,
  RolloutKey,
  RolloutTimes,
} from './rollout.ts'
export { parseRolloutState, type RolloutState, stateVersion } from './rollout-state.ts'
export {
  parseTransition,
  type RolloutTransition,
  type TransitionKind,
  transitionKinds,
  transitionVersion,
} from './rollout-transition.ts'
export {
  type AlertLevel,
  alertAnnotation,
  alertByUse,
  type ChannelRead,
  channelsByUse,
  isChannelId,
  isMention,
  mentionAnnotation,
  mentionsByUse,
  mostListed,
  readAlert,
  readChannel,
  readChannels,
  readMentions,
  slackAnnotation,
  type WordsByUse,
} from './slack-annotations.ts'
export {
  markerVersion,
  type NamespaceReleased,
  parseMarker,
  parseObserved,
  type SnapshotBegin,
  type SnapshotEnd,
  type SnapshotEntry,
  type SnapshotMarker,
} from './snapshot-marker.ts'
export {
  type BucketDefinition,
  buckets,
  type ConsumerDefinition,
  consumersFor,
  defaultPartitions,
  observationConsumer,
  partitionsMetadataKey,
  type StreamDefinition,
  streams,
  transitionConsumer,
} from './streams.ts'
export {
  type DeploymentName,
  deadLetterSubject,
  deliverySubject,
  deploymentKey,
  escapeToken,
  observationSubject,
  parseDeploymentKey,
  rolloutSubject,
  snapshotSubject,
  subjectsOf,
  unescapeToken,
} from './subjects.ts'
export { rolloutTraceId, traceIdOf, traceparentOf } from './trace.ts'
