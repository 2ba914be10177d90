// Owns the way of a message into a stream.
// P1. A message is tried with the same id until the stream acknowledges it: within the stream's duplicate
//     window a repeat is stored once.
// P2. At most 256 messages are in flight; more gains nothing and servers cut off a flood.
import { headers as natsHeaders } from '@nats-io/transport-node'
import type { JetStreamConnection } from './connect.ts'
import { isTooLarge } from './failure.ts'
import { keepTrying } from './keep-trying.ts'
import type { Log, Report } from './log.ts'
import { Obstacles } from './obstacles.ts'
import { unlessAborted } from './pause.ts'

export interface OutgoingMessage {
  readonly subject: string
  /** Nats-Msg-Id: the same for the same message, whoever publishes it. */
  readonly id: string
  readonly body: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

export interface Receipt {
  readonly stream: string
  /** It falls when the stream was lost and made again. */
  readonly sequence: number
  readonly duplicate: boolean
}

export interface Publisher {
  /**
   * Resolves when the stream has the message for good. A full or missing stream, a server that is away or
   * forbids it are waited out and reported. Two publishes under way at once may be stored in either order:
   * await the first where that matters. Throws MessageTooLarge, or the signal's reason.
   */
  publish(message: OutgoingMessage, signal?: AbortSignal): Promise<Receipt>
}

export interface PublisherOptions {
  readonly connection: JetStreamConnection
  readonly log: Log
  readonly report?: Report
}

/** The stream or the server takes no message of this size; repeating it is pointless. */
export class MessageTooLarge extends Error {
  override name = 'MessageTooLarge'
}

const maxInFlight = 256
const attemptTimeoutMs = 2_000
const encoder = new TextEncoder()

export function createPublisher({ connection, log, report }: PublisherOptions): Publisher {
  const slots = new Slots(maxInFlight)
  const obstacles = new Obstacles('publishing', report)
  return {
    async publish(message, signal) {
      const body = typeof message.body === 'string' ? encoder.encode(message.body) : message.body
      await slots.take(signal)
      try {
        return await publishUntilStored(message, body, signal)
      } finally {
        slots.give()
      }
    },
  }

  async function publishUntilStored(
    message: OutgoingMessage,
    body: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Receipt> {
    const { subject, id } = message
    let last: string | undefined
    const onObstacle = (obstacle: string | undefined): void => {
      obstacles.set(message, obstacle && `publishing to ${subject}: ${obstacle}`)
      if (obstacle && obstacle !== last) log.warn({ subject, id, obstacle }, 'not published yet, trying on')
      last = obstacle
    }
    try {
      const ack = await keepTrying(connection, () => attempt(message, body), { signal, onObstacle })
      return { stream: ack.stream, sequence: ack.seq, duplicate: ack.duplicate }
    } catch (error) {
      if (!isTooLarge(error)) throw error
      throw new MessageTooLarge(`${subject}: a message of ${body.length} bytes is more than NATS takes`, {
        cause: error,
      })
    }
  }

  async function attempt({ subject, id, headers = {} }: OutgoingMessage, body: Uint8Array) {
    // The client writes the id into the headers it is given: each attempt gets its own.
    const own = natsHeaders()
    for (const [name, value] of Object.entries(headers)) own.set(name, value)
    return await connection.jetstream.publish(subject, body, {
      msgID: id,
      headers: own,
      timeout: attemptTimeoutMs,
    })
  }
}

/** First come, first served. */
class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async take(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (this.#free > 0) {
      this.#free--
      return
    }
    const turn = Promise.withResolvers<void>()
    this.#waiting.push(turn.resolve)
    try {
      await unlessAborted(turn.promise, signal)
    } catch (error) {
      const place = this.#waiting.indexOf(turn.resolve)
      if (place >= 0) this.#waiting.splice(place, 1)
      else this.give()
      throw error
    }
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
