// Owns the way of our messages into the stream OBSERVATIONS.
// S1. An id is the boot id and a counter: our own retry is harmless, and nothing else is taken for a repeat.
// S2. A PubAck whose sequence is not above those known when its message was sent means that the stream was made
//     anew: whatever it held is gone and everything must be told again.
import {
  type DeploymentObservation,
  encodeEvent,
  eventHeaders,
  observationMessageId,
  observationSubject,
  type SnapshotMarker,
  snapshotSubject,
  traceparentOf,
} from '@hermod/contracts'
import { MessageTooLarge, type Publisher } from '@hermod/jetstream'
import type { Logger } from '@hermod/runtime'
import { Traces } from './traces.ts'
import type { WatcherMetrics } from './watcher-metrics.ts'

export interface ObservationStreamOptions {
  readonly publisher: Publisher
  readonly cluster: string
  readonly partitions: number
  readonly bootId: string
  readonly signal: AbortSignal
  readonly log: Logger
  readonly metrics: WatcherMetrics
  readonly onStreamLost: () => void
}

export class ObservationStream {
  readonly #options: ObservationStreamOptions
  readonly #traces = new Traces()
  #counter = 0
  #highest = 0
  #life = 0

  constructor(options: ObservationStreamOptions) {
    this.#options = options
  }

  get partitions(): number {
    return this.#options.partitions
  }

  get cluster(): string {
    return this.#options.cluster
  }

  /**
   * Resolves when the stream has it for good; rejects only when the watcher stops. `madeAt`, in monotonic
   * milliseconds, is when what it tells was read.
   */
  async observation(observation: DeploymentObservation, madeAt: number): Promise<void> {
    const { namespace, name, spec, ...rest } = observation
    const { metrics, log } = this.#options
    const traceId = this.#traces.of(observation)
    const subject = observationSubject(observation, this.partitions)
    try {
      await this.#publish('observation', subject, `${namespace}/${name}`, observation, traceId)
    } catch (error) {
      if (!(error instanceof MessageTooLarge)) throw error
      log.error(
        { traceId, namespace, deployment: name, err: error, withSpec: spec !== undefined },
        'too large to publish',
      )
      if (spec === undefined) return
      await this.#publish(
        'observation',
        subject,
        `${namespace}/${name}`,
        { ...rest, namespace, name },
        traceId,
      )
    }
    metrics.observations.with({ occasion: observation.occasion }).inc()
    // Mere progress is held back on purpose.
    if (observation.occasion === 'changed')
      metrics.publishSeconds.observe((performance.now() - madeAt) / 1_000)
    const { cluster, generation, occasion } = observation
    const fields = { traceId, cluster, namespace, deployment: name, generation, occasion }
    // What is merely looked at again would fill the log of a big cluster.
    log[occasion === 'changed' ? 'info' : 'debug'](fields, 'observed')
  }

  async marker(marker: SnapshotMarker): Promise<void> {
    const subject = snapshotSubject(this.cluster, marker.partition)
    await this.#publish('snapshot', subject, `_snapshot/${marker.partition}`, marker)
  }

  async #publish(
    type: 'observation' | 'snapshot',
    subject: string,
    about: string,
    data: DeploymentObservation | SnapshotMarker,
    traceId?: string,
  ): Promise<void> {
    const { publisher, bootId, signal } = this.#options
    const id = observationMessageId(bootId, ++this.#counter)
    const sent = { highest: this.#highest, life: this.#life }
    const source = `/hermod/watcher/${this.cluster}`
    const trace = traceId === undefined ? {} : { traceparent: traceparentOf(traceId, id) }
    const body = encodeEvent({ id, source, type, subject: about, time: data.observedAt, ...trace, data })
    const headers = eventHeaders(trace)
    const { sequence, duplicate } = await publisher.publish({ subject, id, body, headers }, signal)
    if (sent.life !== this.#life) return
    if (duplicate || sequence > sent.highest) {
      this.#highest = Math.max(this.#highest, sequence)
      return
    }
    this.#life++
    this.#highest = sequence
    this.#options.metrics.streamsLost.inc()
    this.#options.log.warn({ sequence, before: sent.highest }, 'the stream OBSERVATIONS was made anew')
    this.#options.onStreamLost()
  }
}
