// Owns the making and mending of streams, consumers and buckets; nobody else may create anything.
// V1. What is missing is made, also after it was lost.
// V2. What differs is mended unless that would lose messages; then nothing of it is touched and it is told.
// V3. One that cannot be mended hinders no other.
import { buckets, consumersFor, streams } from '@hermod/contracts'
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import type { JetStreamConnection } from './connect.ts'
import { consumerDrift, type Drift, describeDifference, streamDrift } from './drift.ts'
import { keepTrying } from './keep-trying.ts'
import { isAtLeast, messageTtlServer, oldestServer } from './server-version.ts'
import {
  bucketConfig,
  consumerConfig,
  type Installation,
  streamConfig,
  type WantedConsumer,
  type WantedStream,
} from './stream-config.ts'
import { streamFill } from './stream-fill.ts'

export interface ProvisionOptions {
  /** 16 unless the installation was made with another number. */
  readonly partitions: number
  readonly replicas: number
  /** Other programs, each with a durable consumer of ROLLOUTS of its own; none if absent. */
  readonly readers?: readonly string[]
  readonly signal?: AbortSignal
}

/** One sentence each. */
export interface ProvisionReport {
  readonly made: readonly string[]
  readonly repaired: readonly string[]
  readonly refused: readonly string[]
  /** How full each stream is, from 0 to 1. */
  readonly fill: ReadonlyMap<string, number>
}

/** Makes NATS what contracts' streams.ts says, over any outage, and tells what it did and what it would not do. */
export async function provision(
  connection: JetStreamConnection,
  { partitions, replicas, readers = [], signal }: ProvisionOptions,
): Promise<ProvisionReport> {
  await connection.whenConnected(signal)
  const version = connection.nats.info?.version ?? ''
  if (!isAtLeast(version, oldestServer)) {
    const refused = [`nats-server ${version} is too old: upgrade it to ${oldestServer} or newer`]
    return { made: [], repaired: [], refused, fill: new Map() }
  }
  const installation = { partitions, replicas, readers, messageTtl: isAtLeast(version, messageTtlServer) }
  return await new Provisioning(connection, installation, signal).run()
}

class Provisioning {
  readonly #connection: JetStreamConnection
  readonly #installation: Installation
  readonly #signal: AbortSignal | undefined
  readonly #made: string[] = []
  readonly #repaired: string[] = []
  readonly #refused: string[] = []
  readonly #refusedStreams = new Set<string>()
  readonly #fill = new Map<string, number>()

  constructor(connection: JetStreamConnection, installation: Installation, signal: AbortSignal | undefined) {
    this.#connection = connection
    this.#installation = installation
    this.#signal = signal
  }

  async run(): Promise<ProvisionReport> {
    for (const definition of Object.values(streams))
      await this.#stream(streamConfig(definition, this.#installation))
    for (const definition of Object.values(buckets))
      await this.#stream(bucketConfig(definition, this.#installation))
    // With another number of partitions the consumers would be others too (V2).
    for (const definition of consumersFor(this.#installation.partitions, this.#installation.readers))
      if (!this.#refusedStreams.has(definition.stream))
        await this.#consumer(definition.stream, consumerConfig(definition))
    return { made: this.#made, repaired: this.#repaired, refused: this.#refused, fill: this.#fill }
  }

  async #stream(wanted: WantedStream): Promise<void> {
    const { streams: api } = this.#connection.manager
    const what = `stream ${wanted.name}`
    const info = await this.#find(what, () => api.info(wanted.name))
    if (info === 'failed') return
    if (info === 'missing') {
      await this.#change(this.#made, what, () => api.add(wanted))
      return
    }
    this.#fill.set(wanted.name, streamFill(info))
    const drift = streamDrift(wanted, info.config)
    if (drift.kind === 'refuse') this.#refusedStreams.add(wanted.name)
    const metadata = { ...info.config.metadata, ...wanted.metadata }
    await this.#mend(what, drift, () => api.update(wanted.name, { ...wanted, metadata }))
  }

  async #consumer(stream: string, wanted: WantedConsumer): Promise<void> {
    const { consumers: api } = this.#connection.manager
    const what = `consumer ${wanted.name} of ${stream}`
    const info = await this.#find(what, () => api.info(stream, wanted.name))
    if (info === 'failed') return
    if (info === 'missing') {
      await this.#change(this.#made, what, () => api.add(stream, wanted))
      return
    }
    const drift = consumerDrift(wanted, info.config)
    await this.#mend(what, drift, () => api.update(stream, wanted.name, wanted))
  }

  async #find<T>(what: string, ask: () => Promise<T>): Promise<T | 'missing' | 'failed'> {
    const found = await this.#try(ask)
    if (!(found instanceof JetStreamApiError)) return found
    const missing: readonly number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound]
    if (missing.includes(found.code)) return 'missing'
    this.#refused.push(`${what}: NATS says "${found.message}"`)
    return 'failed'
  }

  async #mend(what: string, drift: Drift, update: () => Promise<unknown>): Promise<void> {
    if (drift.kind === 'none') return
    const differences = drift.differences.map(describeDifference).join('; ')
    if (drift.kind === 'refuse') this.#refused.push(`${what}: ${differences}`)
    else await this.#change(this.#repaired, `${what}: ${differences}`, update)
  }

  async #change(done: string[], what: string, change: () => Promise<unknown>): Promise<void> {
    const answer = await this.#try(change)
    if (answer instanceof JetStreamApiError) this.#refused.push(`${what}: NATS says "${answer.message}"`)
    else done.push(what)
  }

  /** A refusal comes back as a value; a server that is away, or has no leader just now, is waited for. */
  async #try<T>(request: () => Promise<T>): Promise<T | JetStreamApiError> {
    const attempt = async (): Promise<T | JetStreamApiError> => {
      try {
        return await request()
      } catch (error) {
        if (error instanceof JetStreamApiError && error.status !== 503) return error
        throw error
      }
    }
    return await keepTrying(this.#connection, attempt, { signal: this.#signal })
  }
}
