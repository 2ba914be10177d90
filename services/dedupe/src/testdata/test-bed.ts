import {
  type CloudEvent,
  type DeliveryReceipt,
  type DeploymentObservation,
  decodeEvent,
  deliverySubject,
  encodeEvent,
  observationSubject,
  parseTransition,
  partitionOf,
  type RolloutTransition,
  type SnapshotMarker,
  snapshotSubject,
  streams,
  transitionConsumer,
} from '@hermod/contracts'
import {
  connectJetStream,
  consume,
  createPublisher,
  type Delivery,
  type JetStreamConnection,
  type OutgoingMessage,
  provision,
  type Publisher,
} from '@hermod/jetstream'
import {
  createHealth,
  createLogger,
  createMetrics,
  createScrubber,
  type Health,
  type Logger,
  type Metrics,
} from '@hermod/runtime'
import type { DedupeConfig } from '../config.ts'
import { startDedupe } from '../service.ts'

/** Says nothing. */
export const quiet: Logger = createLogger({
  service: 'bed',
  level: 'error',
  scrubber: createScrubber(),
  write: () => undefined,
})

export interface Heard {
  readonly transition: RolloutTransition
  readonly delivery: Delivery
}

export interface Replica extends AsyncDisposable {
  readonly health: Health
  readonly metrics: Metrics
}

/** A NATS with everything provisioned, a watcher's pen and a notifier's ear and, unless it is mute, its receipts. */
export interface TestBed extends AsyncDisposable {
  readonly connection: JetStreamConnection
  readonly partitions: number
  readonly heard: readonly Heard[]
  /** Kinds of all stored transitions of a Deployment, in order. */
  said(name: string): string
  observe(seen: DeploymentObservation | SnapshotMarker, id?: string): Promise<void>
  publishRaw(subject: string, body: string): Promise<void>
  startReplica(settings?: Partial<DedupeConfig>): Promise<Replica>
  /** Says that Slack has this transition. */
  deliver(transition: RolloutTransition): Promise<void>
}

export async function startTestBed(
  url: string,
  partitions = 4,
  { deaf = false, mute = false }: { readonly deaf?: boolean; readonly mute?: boolean } = {},
): Promise<TestBed> {
  await using stack = new AsyncDisposableStack()
  const connection = stack.use(await connectJetStream({ servers: [url], name: 'bed', log: quiet }))
  await provision(connection, { partitions, replicas: 1 })
  const publisher = createPublisher({ connection, log: quiet })
  const heard: Heard[] = []
  const deliver = async (transition: RolloutTransition): Promise<void> =>
    void (await publisher.publish(receiptOf(transition, partitions)))
  const hear = async (transition: RolloutTransition, delivery: Delivery): Promise<void> => {
    heard.push({ transition, delivery })
    if (!mute) await deliver(transition)
  }
  if (!deaf) stack.use(listen(connection, publisher, partitions, hear))
  let published = 0
  const cleanup = stack.move()

  return {
    connection,
    partitions,
    heard,
    said: (name) =>
      heard
        .filter(({ transition }) => transition.rollout.name === name)
        .map(({ transition }) => transition.kind)
        .join(' '),
    observe: async (seen, id = `bed-${++published}`) => {
      const event = eventOf(seen, id)
      const subject =
        seen.kind === 'observation'
          ? observationSubject(seen, partitions)
          : snapshotSubject(seen.cluster, seen.partition)
      await publisher.publish({ subject, id, body: encodeEvent({ ...event, type: 'observation' }) })
    },
    publishRaw: async (subject, body) => {
      await publisher.publish({ subject, id: `raw-${++published}`, body })
    },
    startReplica: (settings) => startReplica(url, settings),
    deliver,
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  }
}

async function startReplica(url: string, settings: Partial<DedupeConfig> = {}): Promise<Replica> {
  const stopping = new AbortController()
  const metrics = createMetrics({ processMetrics: false })
  const health = createHealth()
  const deps = { log: quiet, metrics, health, signal: stopping.signal, report: () => undefined, fail }
  const service = await startDedupe({ ...nothing, ...settings, natsUrls: [url] }, deps)
  return { health, metrics, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}

function fail(error: unknown): never {
  throw error
}

const nothing = {
  cluster: 'prod',
  artifactoryUrl: undefined,
  artifactoryLogin: undefined,
  ownNamespace: 'platform',
  cacheCluster: undefined,
  natsUser: undefined,
  natsPassword: undefined,
  natsNkeySeed: undefined,
  natsCreds: undefined,
  natsCaFile: undefined,
  natsCertFile: undefined,
  natsKeyFile: undefined,
}

function eventOf<T extends DeploymentObservation | SnapshotMarker>(
  seen: T,
  id: string,
): Omit<CloudEvent<T>, 'type'> {
  const subject = seen.kind === 'observation' ? `${seen.namespace}/${seen.name}` : '_snapshot'
  return { id, source: `/hermod/watcher/${seen.cluster}`, subject, time: seen.observedAt, data: seen }
}

function receiptOf({ rollout, kind, at, epoch, n }: RolloutTransition, partitions: number): OutgoingMessage {
  const { cluster, namespace, name, uid, attempt } = rollout
  const id = `${uid}.${epoch}.${n}`
  const delivered = { action: 'posted', channel: 'C1', ts: '1.000000', at, deliveredAt: at } as const
  const data: DeliveryReceipt = { version: 1, cluster, namespace, name, uid, attempt, kind, ...delivered }
  const about = { source: '/hermod/bed', subject: `${namespace}/${name}`, time: at }
  const body = encodeEvent({ id, type: 'delivery', ...about, data })
  return { subject: deliverySubject(rollout, partitions), id, body }
}

function listen(
  connection: JetStreamConnection,
  publisher: Publisher,
  partitions: number,
  hear: (transition: RolloutTransition, delivery: Delivery) => Promise<void>,
): AsyncDisposable {
  return consume({
    connection,
    stream: streams.rollouts.name,
    consumers: Array.from({ length: partitions }, (_, partition) => transitionConsumer(partition).name),
    service: 'bed',
    decode: (body) => decodeEvent(new TextDecoder().decode(body), parseTransition),
    handle: async (event, delivery) => {
      await hear(event.data, delivery)
      return { kind: 'done' }
    },
    publisher,
    log: quiet,
  })
}

/** The two markers around a snapshot of these Deployments, for each partition. */
function snapshotOf(
  present: readonly DeploymentObservation[],
  { partitions, id, namespaces }: { partitions: number; id: string; namespaces: readonly string[] },
): { begins: SnapshotMarker[]; ends: SnapshotMarker[] } {
  const each = Array.from({ length: partitions }, (_, partition) => partition)
  const marker = { version: 1, cluster: 'prod', observedAt: new Date().toISOString(), snapshotId: id }
  return {
    begins: each.map((partition) => ({ ...marker, kind: 'snapshot-begin', partition })),
    ends: each.map((partition) => ({
      ...marker,
      kind: 'snapshot-end',
      partition,
      piece: 1,
      pieces: 1,
      namespaces,
      deployments: present
        .filter((seen) => partitionOf(seen, partitions) === partition)
        .map(({ namespace, name, uid }) => ({ namespace, name, uid })),
    })),
  }
}

/** Publishes a whole snapshot of the namespace `shop`. */
export async function takeSnapshot(
  bed: TestBed,
  id: string,
  present: readonly DeploymentObservation[],
): Promise<void> {
  const { begins, ends } = snapshotOf(present, { partitions: bed.partitions, id, namespaces: ['shop'] })
  for (const begin of begins) await bed.observe(begin)
  await Promise.all(present.map((seen) => bed.observe({ ...seen, occasion: 'snapshot' })))
  for (const end of ends) await bed.observe(end)
}
