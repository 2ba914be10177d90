import {
  type DeploymentObservation,
  decodeEvent,
  parseObserved,
  type SnapshotMarker,
  streams,
} from '@hermod/contracts'
import { connectJetStream, type JetStreamConnection, provision } from '@hermod/jetstream'
import {
  createHealth,
  createLogger,
  createMetrics,
  createScrubber,
  type Health,
  type Metrics,
  readSettings,
} from '@hermod/runtime'
// oxlint-disable-next-line no-restricted-imports -- the rig of the integration tests; no product file imports it
import { type NatsServer, startNatsServer } from '@hermod/testkit'
import { type WatcherConfig, watcherSettings } from '../config.ts'
import { startWatcher } from '../service.ts'

export interface Published {
  readonly id: string
  readonly subject: string
  readonly data: DeploymentObservation | SnapshotMarker
}

/** A real nats-server with our streams, and everything that was published to OBSERVATIONS. */
export interface ObservationsRig extends AsyncDisposable {
  readonly nats: NatsServer
  readonly connection: JetStreamConnection
  readonly published: readonly Published[]
  observationsOf(namespace: string, name?: string): readonly DeploymentObservation[]
  markers(): readonly SnapshotMarker[]
}

export const partitions = 4

export async function startObservationsRig(): Promise<ObservationsRig> {
  await using parts = new AsyncDisposableStack()
  const nats = parts.use(await startNatsServer())
  const connection = parts.use(await connectJetStream({ servers: [nats.url], name: 'rig', log: silent }))
  await provision(connection, { partitions, replicas: 1 })
  const published: Published[] = []
  const consumer = await connection.jetstream.consumers.get(streams.observations.name)
  const messages = await consumer.consume()
  const reading = (async () => {
    for await (const message of messages) {
      const event = decodeEvent(message.string(), parseObserved)
      if (event.kind !== 'ok') throw new Error(`${message.subject}: ${JSON.stringify(event)}`)
      published.push({ id: event.value.id, subject: message.subject, data: event.value.data })
    }
  })()
  parts.defer(async () => {
    await messages.close()
    await reading
  })
  const started = parts.move()
  return {
    nats,
    connection,
    published,
    observationsOf: (namespace, name) =>
      published.flatMap(({ data }) =>
        data.kind === 'observation' &&
        data.namespace === namespace &&
        (name === undefined || data.name === name)
          ? [data]
          : [],
      ),
    markers: () => published.flatMap(({ data }) => (data.kind === 'observation' ? [] : [data])),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

export interface RunningWatcher extends AsyncDisposable {
  readonly health: Health
  readonly metrics: Metrics
  readonly failures: readonly unknown[]
  /** What it wrote, a JSON object a line. */
  readonly log: readonly string[]
}

/** A watcher in this process. */
export async function runWatcher(
  env: Readonly<Record<string, string>>,
  argv: readonly string[] = [],
): Promise<RunningWatcher> {
  const source = { env: { ...env }, argv, openFile: () => ({ ok: false, problem: 'no files here' }) as const }
  const read = readSettings<WatcherConfig>(source, watcherSettings)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const stop = new AbortController()
  const health = createHealth()
  const metrics = createMetrics({ processMetrics: false })
  const log: string[] = []
  const failures: unknown[] = []
  const logger = createLogger({
    service: 'watcher',
    level: 'debug',
    scrubber: createScrubber(),
    write: (line) => log.push(line),
  })
  const service = await startWatcher(read.config, {
    log: logger,
    metrics,
    health,
    signal: stop.signal,
    report: (error) => failures.push(error),
    fail: (error) => failures.push(error),
  })
  return {
    health,
    metrics,
    failures,
    log,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await service[Symbol.asyncDispose]()
    },
  }
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
