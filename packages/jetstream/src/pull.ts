// Owns one standing inbox and asks a consumer for one message at a time.
// L1. A request has its own reply subject: the end of an earlier one cannot end this one.
// L2. A server that falls silent is noticed after two missed heartbeats.
// L3. A message that comes after its request was given up is kept for the next one.
import type { Msg, Subscription } from '@nats-io/transport-node'
import type { JetStreamConnection } from './connect.ts'
import { unlessAborted } from './pause.ts'

const expiresMs = 5_000
const heartbeatMs = 2_500
const silenceMs = 2 * heartbeatMs + 500

const nanoseconds = (ms: number): number => ms * 1_000_000

/** The server ended a request or fell silent; the code is the server's. */
export class PullRefused extends Error {
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
  readonly #early: Msg[] = []
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

  /** The next message, or undefined when there was none for 5 s. Rejects when it must be asked anew. */
  async next(signal: AbortSignal): Promise<Msg | undefined> {
    const kept = this.#early.shift()
    if (kept) return kept
    const { nats, link } = this.#connection
    const request = new Request(`${this.#inbox}.${++this.#asked}`)
    this.#open = request
    try {
      nats.publish(
        this.#subject,
        JSON.stringify({
          batch: 1,
          expires: nanoseconds(expiresMs),
          idle_heartbeat: nanoseconds(heartbeatMs),
        }),
        { reply: request.reply },
      )
      return await unlessAborted(request.answer.promise, link, signal)
    } finally {
      request.end()
      this.#open = undefined
    }
  }

  #receive(message: Msg): void {
    const request = this.#open
    if (!message.subject.startsWith(this.#inbox)) {
      if (request) request.answer.resolve(message)
      else this.#early.push(message)
      this.#open = undefined
      return
    }
    if (message.subject !== request?.reply) return
    const code = message.headers?.code ?? 0
    if (code === 100) request.heard()
    else if (code === 404 || code === 408) request.answer.resolve(undefined)
    else request.answer.reject(new PullRefused(code, message.headers?.description || 'no such consumer'))
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
