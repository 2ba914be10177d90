// Owns the taking and settling of messages: none is acknowledged but by its decision. It says so to the server itself,
// except where the same word asks for the next message: that one pull.ts sends for it.
// C1. One message at a time per pull loop; the next is asked for after the last was settled.
// C2. A message is settled only after its handler said `done`, or after its dead letter is stored.
// C3. Holds and retries happen here, within one delivery, kept alive by +WPI: the server's delivery count
//     then rises only when a reader died or lost its link, so a count over the limit means that it kills.
// C4. An acknowledgement is repeated until the server confirms it, at most for its ack_wait. The answer to the
//     request for the next message, which goes with it, does.
// C5. A disposed loop gives its message back at once, or lets a running handler finish within the grace time.
import type { Parsed } from '@hermod/contracts'
import type { Msg } from '@nats-io/transport-node'
import type { JetStreamConnection } from './connect.ts'
import { bury } from './dead-letter.ts'
import { type Delivery, readDelivery } from './delivery.ts'
import { LinkLost } from './failure.ts'
import { keepTrying } from './keep-trying.ts'
import type { Log, Report } from './log.ts'
import { Obstacles } from './obstacles.ts'
import type { Outcome } from './outcome.ts'
import { pause, unlessAborted } from './pause.ts'
import type { Publisher } from './publish.ts'
import { Puller } from './pull.ts'
import { type Attempt, isFault, isWornOut, type Settlement, settle } from './settlement.ts'

export interface ConsumeOptions<T> {
  readonly connection: JetStreamConnection
  readonly stream: string
  /** Names of durable consumers; each gets pull loops of its own. */
  readonly consumers: readonly string[]
  /** Whose dead letters these are. */
  readonly service: string
  readonly decode: (body: Uint8Array, delivery: Delivery) => Parsed<T>
  /** `signal` is aborted when the grace time after disposal is over; its outcome counts no more then. */
  readonly handle: (value: T, delivery: Delivery, signal: AbortSignal) => Promise<Outcome>
  /** Takes the dead letters. */
  readonly publisher: Publisher
  readonly log: Log
  readonly report?: Report
  /** Messages of one consumer under way at once; 1, which alone keeps their order, by default. */
  readonly concurrency?: number
  /** Told of each message once it is settled, for metrics. */
  readonly onSettled?: (delivery: Delivery, settlement: Settlement) => void
  /** Told of each exception that is no outage: a bug of ours, or a message that nobody thought of. */
  readonly onFault?: (error: unknown) => void
  /** How long a running handler may go on after disposal; 5 s by default. */
  readonly graceMs?: number
}

const workingEveryMs = 600
const ackWaitMs = 2_500
const pauseAfterTroubleMs = 250

/** Runs until it is disposed of, over any outage of NATS and any loss of the consumer. */
export function consume<T>(options: ConsumeOptions<T>): AsyncDisposable {
  return new Consumption(options)
}

class Consumption<T> implements AsyncDisposable {
  readonly #options: ConsumeOptions<T>
  readonly #obstacles: Obstacles
  readonly #stopping = new AbortController()
  readonly #graceOver = new AbortController()
  readonly #loops: readonly Promise<void>[]

  constructor(options: ConsumeOptions<T>) {
    const { consumers, stream, report, concurrency = 1 } = options
    this.#options = options
    this.#obstacles = new Obstacles(`consuming ${stream}`, report)
    this.#loops = consumers.flatMap((consumer) =>
      Array.from({ length: concurrency }, (_, line) => this.#run(consumer, `${consumer}/${line}`)),
    )
  }

  async #run(consumer: string, loop: string): Promise<void> {
    const { connection, stream, log } = this.#options
    const stopping = this.#stopping.signal
    while (!stopping.aborted) {
      try {
        await connection.whenConnected(stopping)
        await this.#pullUntilTrouble(consumer, loop)
      } catch (error) {
        if (stopping.aborted) return
        if (error instanceof LinkLost) continue
        const obstacle = `consumer ${consumer} of ${stream}: ${messageOf(error)}`
        log.debug({ consumer, stream }, obstacle)
        this.#obstacles.set(loop, obstacle)
        await pause(pauseAfterTroubleMs, stopping).catch(() => undefined)
      }
    }
  }

  async #pullUntilTrouble(consumer: string, loop: string): Promise<never> {
    const { connection, stream } = this.#options
    using puller = new Puller(connection, stream, consumer)
    let done: string | undefined
    for (;;) {
      const message = await this.#next(puller, done)
      this.#obstacles.set(loop, undefined)
      done = message && (await this.#process(message, loop))
    }
  }

  async #next(puller: Puller, done: string | undefined): Promise<Msg | undefined> {
    try {
      return await puller.next(this.#stopping.signal, done)
    } catch (error) {
      if (done !== undefined) await this.#confirm(done, '+ACK')
      throw error
    }
  }

  /** The reply subject of a message that is done and not acknowledged yet. */
  async #process(message: Msg, loop: string): Promise<string | undefined> {
    const { connection, service, publisher, onSettled } = this.#options
    const delivery = readDelivery(message)
    const { reply } = message
    if (!delivery || reply === undefined) return undefined
    const alive = setInterval(() => {
      if (connection.connected) message.respond('+WPI')
    }, workingEveryMs)
    try {
      const settlement = await this.#untilSettled(message.data, delivery, loop)
      if (settlement.kind === 'dead-letter') {
        const corpse = { service, delivery, body: message.data, reason: settlement.reason }
        await bury(corpse, publisher, new Date(), this.#graceOver.signal)
        await this.#confirm(reply, '+TERM')
      }
      onSettled?.(delivery, settlement)
      return settlement.kind === 'ack' ? reply : undefined
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error
      message.respond('-NAK')
      return undefined
    } finally {
      clearInterval(alive)
      this.#obstacles.set(loop, undefined)
    }
  }

  /** Tries until there is an outcome. Throws only when the loop is disposed of first. */
  async #untilSettled(
    body: Uint8Array,
    delivery: Delivery,
    loop: string,
  ): Promise<Exclude<Settlement, { kind: 'wait' }>> {
    const { log } = this.#options
    const { stream, consumer, sequence, subject } = delivery
    let faults = 0
    let said = ''
    for (let waits = 0; ; waits++) {
      const attempt = await this.#attempt(body, delivery)
      if (attempt.kind === 'threw' && isFault(attempt)) {
        faults++
        this.#options.onFault?.(attempt.error)
      }
      const settlement = settle(attempt, { faults, waits })
      const fields = { stream, consumer, sequence, subject, ...settlement }
      if (settlement.kind !== 'wait') {
        if (settlement.kind === 'dead-letter') log.error(fields, 'message cannot be processed: dead letter')
        return settlement
      }
      if (settlement.reason !== said) log.warn(fields, 'message not processed yet, trying on')
      said = settlement.reason
      if (settlement.needsUpgrade)
        this.#obstacles.set(loop, `message ${sequence} of ${stream}: ${settlement.reason}`)
      await pause(settlement.delayMs, this.#stopping.signal)
    }
  }

  async #attempt(body: Uint8Array, delivery: Delivery): Promise<Attempt> {
    const { decode, handle } = this.#options
    const graceOver = this.#graceOver.signal
    try {
      const parsed = decode(body, delivery)
      // A newer message is held however often it came: whoever upgrades us must find it.
      if (parsed.kind !== 'ok') return parsed
      if (isWornOut(delivery.deliveries)) return { kind: 'worn-out', deliveries: delivery.deliveries }
      return await unlessAborted(handle(parsed.value, delivery, graceOver), graceOver)
    } catch (error) {
      graceOver.throwIfAborted()
      return { kind: 'threw', error }
    }
  }

  async #confirm(reply: string, verb: '+ACK' | '+TERM'): Promise<void> {
    const { connection, log } = this.#options
    const ask = async (): Promise<unknown> => await connection.nats.request(reply, verb, { timeout: 1_000 })
    try {
      await keepTrying(connection, ask, { signal: AbortSignal.timeout(ackWaitMs) })
    } catch (error) {
      log.debug({ reply, error: messageOf(error) }, 'not confirmed: it will be delivered again')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('consuming was stopped'))
    const graceOver = setTimeout(
      () => this.#graceOver.abort(new Error('the grace time is over')),
      this.#options.graceMs ?? 5_000,
    )
    await Promise.all(this.#loops)
    clearTimeout(graceOver)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
