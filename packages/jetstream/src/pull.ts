// Owns one standing inbox and asks a consumer for one message at a time.
// L1. A request has its own reply subject: the end of an earlier one cannot end this one.
// L2. A server that falls silent is noticed after two missed heartbeats.
// L3. Where a message is acknowledged, the same word asks for the next one; whatever answers it confirms both.
import type { Msg, Subscription } from '@nats-io/transport-node'
import type { JetStreamConnection } from './connect.ts'
import { unlessAborted } from './pause.ts'

const expiresMs = 5_000
const heartbeatMs = 2_500
const silenceMs = 2 * heartbeatMs + 500

const nanosecondsInMs = 1_000_000
const oneMessage = JSON.stringify({
  batch: 1,
  expires: expiresMs * nanosecondsInMs,
  idle_heartbeat: heartbeatMs * nanosecondsInMs,
})

/** The server ended a request, or fell silent (code 0). */
class PullRefused extends Error {
  override name = 'PullRefused'
  readonly code: number

  constructor(code: number, description: string) {
    super(description)
    this.code = code
  }
}

export class Puller implements Disposable {
  readonly #connection: JetStreamConnection
  readonly #subject: string
  readonly #inbox: string
  readonly #subscription: Subscription
  #asked = 0
  #open: Request | undefined

  constructor(connection: JetStreamConnection, stream: string, consumer: string) {
    const { nats } = connection
    this.#connection = connection
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`
    this.#inbox = connection.newInbox()
    this.#subscription = nats.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error) this.#open?.answer.reject(error)
        else this.#receive(message)
      },
    })
  }

  /**
   * The next message, or undefined when there was none for 5 s. Rejects when it must be asked anew. `acknowledging`
   * is settled by it too, but for certain only if it resolves.
   */
  async next(signal: AbortSignal, acknowledging?: string): Promise<Msg | undefined> {
    // A request that nobody waits for would take a message from another reader.
    signal.throwIfAborted()
    const { nats, link } = this.#connection
    const request = new Request(`${this.#inbox}.${++this.#asked}`)
    this.#open = request
    try {
      const asking = acknowledging === undefined ? oneMessage : `+NXT ${oneMessage}`
      nats.publish(acknowledging ?? this.#subject, asking, { reply: request.reply })
      return await unlessAborted(request.answer.promise, link, signal)
    } finally {
      request.end()
      this.#open = undefined
    }
  }

  #receive(message: Msg): void {
    const request = this.#open
    if (!message.subject.startsWith(this.#inbox)) {
      request?.answer.resolve(message)
      return
    }
    if (message.subject !== request?.reply) return
    const code = message.headers?.code ?? 0
    if (code === 100) request.heard()
    else if (code === 404 || code === 408) request.answer.resolve(undefined)
    else if (code === 503) request.answer.reject(new PullRefused(code, 'there is none, or it has no leader'))
    else request.answer.reject(new PullRefused(code, message.headers?.description ?? ''))
  }

  [Symbol.dispose](): void {
    this.#subscription.unsubscribe()
  }
}

class Request {
  readonly reply: string
  readonly answer = Promise.withResolvers<Msg | undefined>()
  #watchdog: NodeJS.Timeout

  constructor(reply: string) {
    this.reply = reply
    this.#watchdog = this.#watch()
  }

  heard(): void {
    this.end()
    this.#watchdog = this.#watch()
  }

  end(): void {
    clearTimeout(this.#watchdog)
  }

  #watch(): NodeJS.Timeout {
    return setTimeout(
      () => this.answer.reject(new PullRefused(0, 'the server missed its heartbeats')),
      silenceMs,
    )
  }
}
