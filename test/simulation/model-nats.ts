// Owns the model of one nats-server with JetStream, and what it loses.
// N1. Whatever is acknowledged was applied; what was not acknowledged may have been.
// N2. A repeated Nats-Msg-Id within the window is acknowledged as a duplicate, also after a restart.
// N3. A restart may forget the newest acknowledgements of consumers: what they covered is given out again.
// N4. Frozen, it does nothing of what it is asked, and all of it at once when it goes on.
import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'
import type { NatsLink } from './model-connection.ts'
import { type ConsumerPlan, type Host, ModelConsumer, type Pull } from './model-consumer.ts'
import {
  full,
  ModelStream,
  type PublishAnswer,
  type PublishOptions,
  type StreamPlan,
} from './model-stream.ts'
import type { SimulatedProcess } from './virtual-time.ts'

export interface Installation {
  readonly streams: readonly StreamPlan[]
  readonly consumers: readonly ConsumerPlan[]
}

const streamNotFound = { code: 404, err_code: 10_059, description: 'stream not found' }

export class ModelNats implements Host {
  readonly #installation: Installation
  readonly #streams = new Map<string, ModelStream>()
  readonly #consumers = new Map<string, ModelConsumer>()
  readonly #links = new Set<NatsLink>()
  readonly #thaw: (() => void)[] = []
  up = true
  frozen = false
  /** Its disk has no room for a message more. */
  full = false

  constructor(installation: Installation) {
    this.#installation = installation
    this.provision()
  }

  /** Makes what is missing, as hermod-provision does every 15 s. */
  provision(): void {
    const { streams, consumers } = this.#installation
    for (const plan of streams)
      if (!this.#streams.has(plan.name)) this.#streams.set(plan.name, new ModelStream(plan))
    for (const plan of consumers) {
      const key = `${plan.stream}.${plan.name}`
      if (!this.#consumers.has(key))
        this.#consumers.set(key, new ModelConsumer(plan, this, () => this.stream(plan.stream)))
    }
  }

  get able(): boolean {
    return this.up && !this.frozen
  }

  attach(link: NatsLink): void {
    this.#links.add(link)
  }

  detach(link: NatsLink): void {
    this.#links.delete(link)
  }

  /** The process behind these links is gone. */
  drop(process: SimulatedProcess): void {
    for (const link of this.#links) if (link.process === process) link.close()
  }

  /** kill -9 */
  kill(): void {
    this.up = false
    this.frozen = false
    this.#thaw.length = 0
    for (const link of this.#links) link.lose()
    for (const stream of this.#streams.values()) stream.restart()
    for (const consumer of this.#consumers.values()) consumer.forgetFresh()
  }

  restart(): void {
    this.up = true
    for (const consumer of this.#consumers.values()) consumer.resume()
    for (const link of this.#links) link.dial()
  }

  /** What is on the disk now: a server that does not sync may go back to it in a power cut. */
  written(): () => void {
    const parts = [...this.#streams.values(), ...this.#consumers.values()].map((part) => part.written())
    return () => {
      for (const goBack of parts) goBack()
      for (const stream of this.#streams.values()) stream.restart()
    }
  }

  /** What a power cut leaves of a server that does not sync: nothing, for its first two minutes. */
  erase(): void {
    this.#streams.clear()
    this.#consumers.clear()
  }

  freeze(): void {
    this.frozen = true
    for (const link of this.#links) link.noticeSilence()
  }

  thaw(): void {
    this.frozen = false
    for (const work of this.#thaw.splice(0)) work()
    for (const link of this.#links) link.dial()
  }

  /** Does it now, when it goes on, or, being down, never. */
  whenAble(work: () => void): void {
    if (this.frozen) this.#thaw.push(work)
    else if (this.up) work()
  }

  stream(name: string): ModelStream {
    const stream = this.#streams.get(name)
    if (stream === undefined) throw new JetStreamApiError(streamNotFound)
    return stream
  }

  /** The streams in which the text stands. */
  holding(text: string): readonly string[] {
    return [...this.#streams.values()].filter((stream) => stream.holds(text)).map(({ plan }) => plan.name)
  }

  publish(subject: string, data: Uint8Array, options: PublishOptions): PublishAnswer {
    const stream = this.#streams.values().find(({ plan }) => subject.startsWith(plan.prefix))
    if (stream === undefined) throw new errors.NoRespondersError(subject)
    if (this.full) throw new JetStreamApiError(full)
    const answer = stream.publish(subject, data, options)
    for (const consumer of this.#consumers.values())
      if (consumer.plan.stream === answer.stream && !answer.duplicate) consumer.giveOut()
    return answer
  }

  pull(consumer: string, pull: Pull): void {
    const known = this.#consumers.get(consumer)
    if (known) known.pull(pull)
    else pull.link.receiveStatus(pull.inbox, 503, 'No Responders')
  }

  /** False when there is no such consumer. */
  settle(reply: string, verb: string): boolean {
    const [, , stream, consumer, , seq] = reply.split('.')
    const known = this.#consumers.get(`${stream}.${consumer}`)
    known?.settle(Number(seq), verb)
    return known !== undefined
  }
}
