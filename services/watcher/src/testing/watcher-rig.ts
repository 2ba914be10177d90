import assert from 'node:assert/strict'
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
  sleep,
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
  const stop = new AbortController()
  const reading = readAll(connection, stop.signal, (each) => published.push(each))
  parts.defer(async () => {
    stop.abort()
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

// Asks for one message after the other: a consumer would take its time to notice that NATS or the stream was lost.
async function readAll(
  { manager }: JetStreamConnection,
  signal: AbortSignal,
  take: (each: Published) => void,
): Promise<void> {
  const { name } = streams.observations
  let next = 1
  while (!signal.aborted) {
    try {
      const request = { seq: next, next_by_subj: '>' }
      const message = await manager.streams.getMessage(name, request)
      if (message === null) {
        const { state } = await manager.streams.info(name)
        if (state.last_seq < next - 1) next = 1
        await sleep(10, signal)
        continue
      }
      next = message.seq + 1
      const event = decodeEvent(message.string(), parseObserved)
      assert.ok(event.kind === 'ok', `${message.subject}: ${JSON.stringify(event)}`)
      take({ id: event.value.id, subject: message.subject, data: event.value.data })
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
      await sleep(50, signal)
    }
  }
}

export interface RunningWatcher extends AsyncDisposable {
  readonly health: Health
  readonly metrics: Metrics
  readonly failures: readonly unknown[]
  /** What it wrote, a JSON object a line. */
  readonly log: readonly string[]
}

export interface WatcherOptions {
  readonly argv?: readonly string[]
  /** Aborting it stops the watcher, while it starts too. */
  readonly stop?: AbortController
  /** Told before the start. */
  readonly onHealth?: (health: Health) => void
}

/** A watcher in this process. Rejects as its start does. */
export async function runWatcher(
  env: Readonly<Record<string, string>>,
  { argv = [], stop = new AbortController(), onHealth }: WatcherOptions = {},
): Promise<RunningWatcher> {
  const source = { env: { ...env }, argv, openFile: () => ({ ok: false, problem: 'no files here' }) as const }
  const read = readSettings<WatcherConfig>(source, watcherSettings)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const health = createHealth()
  onHealth?.(health)
  const metrics = createMetrics({ processMetrics: false })
  const log: string[] = []
  const failures: unknown[] = []
  const note = (error: unknown): void => void failures.push(error)
  const write = (line: string): void => void log.push(line)
  const logger = createLogger({ service: 'watcher', level: 'debug', scrubber: createScrubber(), write })
  const deps = { log: logger, metrics, health, signal: stop.signal, report: note, fail: note }
  const service = await startWatcher(read.config, deps)
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
