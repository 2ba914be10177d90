// Stands in for packages/jetstream/src/connect.ts: the same door, with the model of a server behind it.
// L1. Each request takes its time on the way there and back; a process may die, or the server, at either end of it.
// L2. Lost is lost: no answer of a former connection comes through a later one.
import type { StoredMsg } from '@nats-io/jetstream'
import { errors, headers, type Msg, type MsgHdrs } from '@nats-io/transport-node'
import { LinkLost } from '../../packages/jetstream/src/failure.ts'
import { unlessAborted } from '../../packages/jetstream/src/pause.ts'
import type { ModelNats } from './model-nats.ts'
import type { PublishOptions, StoredMessage } from './model-stream.ts'
import { theWorld } from './the-world.ts'
import { after, asProcess, chance, currentProcess, type SimulatedProcess } from './virtual-time.ts'

type Listener = (error: Error | null, message: Msg) => void

const settleAndPull = '+NXT '
/** A silence of the server that a client's pings notice. */
const noticedMs = 20_000

export class NatsLink {
  readonly process: SimulatedProcess
  readonly #server: ModelNats
  readonly #listeners = new Map<string, Listener>()
  #controller = new AbortController()
  #back = Promise.withResolvers<void>()
  #life = 0
  #inboxes = 0
  connected = false
  closed = false

  constructor(process: SimulatedProcess, server: ModelNats) {
    this.process = process
    this.#server = server
    server.attach(this)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get back(): Promise<void> {
    return this.#back.promise
  }

  get inbox(): string {
    return `_INBOX.${this.process.name}${++this.#inboxes}`
  }

  dial(): void {
    after(chance().between(150, 400), () => {
      if (this.connected || this.closed || !this.process.alive || !this.#server.up || this.#server.frozen)
        return
      this.connected = true
      this.#controller = new AbortController()
      this.#back.resolve()
    })
  }

  lose(): void {
    if (!this.connected) return
    this.connected = false
    this.#life++
    this.#back = Promise.withResolvers<void>()
    if (this.process.alive)
      asProcess(this.process, () => this.#controller.abort(new LinkLost('the connection to NATS was lost')))
  }

  /** The server went silent: the client's own pings notice. */
  noticeSilence(): void {
    after(noticedMs, () => {
      if (this.#server.frozen) this.lose()
    })
  }

  close(): void {
    this.closed = true
    this.connected = false
    this.#life++
    this.#server.detach(this)
  }

  /** Whether anybody would hear what is sent there. */
  listens(inbox: string): boolean {
    return this.connected && this.#listeners.has(inbox.slice(0, inbox.lastIndexOf('.')))
  }

  listen(prefix: string, listener: Listener): () => void {
    this.#listeners.set(prefix, listener)
    return () => void this.#listeners.delete(prefix)
  }

  /** Goes there; nobody waits for it. */
  send(work: () => unknown): void {
    const life = this.#life
    after(travelMs(), () => this.#server.whenAble(() => life === this.#life && work()))
  }

  /** Goes there and back. */
  async ask<T>(timeoutMs: number, work: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const timer = setTimeout(() => reject(new errors.TimeoutError()), timeoutMs)
    const life = this.#life
    const fate = this.connected ? theWorld().fateOfRequest(this.process) : 'sent'
    if (fate === 'dies before') theWorld().die(this.process)
    else if (this.connected)
      this.send(() => {
        let answer: () => void
        try {
          const result = work()
          if (fate === 'dies after') theWorld().die(this.process)
          answer = () => resolve(result)
        } catch (error) {
          answer = () => reject(error)
        }
        after(travelMs(), () => {
          if (this.process.alive && life === this.#life) asProcess(this.process, answer)
        })
      })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** A message of a stream, for whoever asked at `inbox`; it is settled at `reply`. */
  receive({ subject, data, header }: StoredMessage, reply: string, inbox: string): void {
    const respond = (verb: string): boolean => {
      this.send(() => this.#server.settle(reply, verb))
      return true
    }
    this.#deliver(inbox, { subject, data, headers: header, reply, respond })
  }

  receiveStatus(inbox: string, code: number, description: string): void {
    const headers = statusHeaders(code, description)
    this.#deliver(inbox, { subject: inbox, data: new Uint8Array(), headers })
  }

  #deliver(inbox: string, message: object): void {
    const life = this.#life
    after(travelMs(), () => {
      if (!this.process.alive || life !== this.#life) return
      const listener = this.#listeners.get(inbox.slice(0, inbox.lastIndexOf('.')))
      if (listener) asProcess(this.process, () => listener(null, message as Msg))
    })
  }

  /** Asks a consumer for a message, or, with the word for it, acknowledges one and asks for the next. */
  publish(subject: string, body: string, inbox: string): void {
    const done = body.startsWith(settleAndPull) ? subject : undefined
    const consumer = done === undefined ? subject.split('.').slice(-2) : subject.split('.').slice(2, 4)
    const { expires, idle_heartbeat: heartbeat } = JSON.parse(body.slice(body.indexOf('{'))) as Record<
      'expires' | 'idle_heartbeat',
      number
    >
    const pull = { link: this, inbox, expiresMs: expires / 1e6, heartbeatMs: heartbeat / 1e6, open: true }
    const fate = done === undefined ? 'sent' : theWorld().fateOfRequest(this.process)
    if (fate === 'dies before') return theWorld().die(this.process)
    this.send(() => {
      if (done !== undefined) this.#server.settle(done, '+ACK')
      this.#server.pull(consumer.join('.'), pull)
      if (fate === 'dies after') theWorld().die(this.process)
    })
  }

  settle(reply: string, verb: string, timeoutMs: number): Promise<void> {
    return this.ask(timeoutMs, () => {
      if (!this.#server.settle(reply, verb)) throw new errors.NoRespondersError(reply)
    })
  }

  get server(): ModelNats {
    return this.#server
  }
}

function travelMs(): number {
  return chance().between(1, 4)
}

function statusHeaders(code: number, description: string): MsgHdrs {
  return Object.assign(headers(), { _code: code, _description: description })
}

class ModelConnection {
  readonly #link: NatsLink

  constructor(link: NatsLink) {
    this.#link = link
  }

  get connected(): boolean {
    return this.#link.connected
  }

  get link(): AbortSignal {
    return this.#link.signal
  }

  async whenConnected(signal?: AbortSignal): Promise<void> {
    if (this.#link.closed) throw new errors.ClosedConnectionError()
    await unlessAborted(this.#link.back, signal)
  }

  newInbox(): string {
    return this.#link.inbox
  }

  get nats(): object {
    const link = this.#link
    return {
      info: { version: '2.12.0' },
      publish: (subject: string, body: string, { reply }: { reply: string }) =>
        link.publish(subject, body, reply),
      subscribe: (subject: string, { callback }: { callback: Listener }) => ({
        unsubscribe: link.listen(subject.slice(0, subject.lastIndexOf('.')), callback),
      }),
      request: (reply: string, verb: string, { timeout }: { timeout: number }) =>
        link.settle(reply, verb, timeout),
    }
  }

  get jetstream(): object {
    const link = this.#link
    return {
      publish: (subject: string, body: Uint8Array, options: PublishOptions & { timeout: number }) =>
        link.ask(options.timeout, () => link.server.publish(subject, body, options)),
    }
  }

  get manager(): object {
    const link = this.#link
    const streams = {
      info: (name: string, query: { subjects_filter?: string } = {}) =>
        link.ask(2_000, () => {
          const { plan, subjects, lastSeq } = link.server.stream(name)
          const matches = matcher(query.subjects_filter ?? '')
          const named = Object.fromEntries(subjects.filter(([subject]) => matches(subject)))
          return { config: { metadata: plan.metadata }, state: { subjects: named, last_seq: lastSeq } }
        }),
      getMessage: (name: string, { last_by_subj }: { last_by_subj: string }) =>
        link.ask(2_000, () => {
          const found = link.server.stream(name).last(last_by_subj)
          return found && storedMsg(found)
        }),
    }
    return { streams }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#link.close()
  }
}

function storedMsg({
  seq,
  subject,
  data,
  header,
}: StoredMessage): Pick<StoredMsg, 'seq' | 'subject' | 'data' | 'header' | 'string'> {
  return { seq, subject, data, header, string: () => new TextDecoder().decode(data) }
}

/** A NATS subject with wildcards. */
export function matcher(pattern: string): (subject: string) => boolean {
  const tokens = pattern.split('.')
  return (subject) => {
    const parts = subject.split('.')
    const open = tokens.at(-1) === '>'
    if (open ? parts.length < tokens.length : parts.length !== tokens.length) return false
    return tokens.every((token, at) => token === '>' || token === '*' || token === parts[at])
  }
}

/** Connects the process that asks to the world's server. */
export async function connectJetStream({ signal }: { readonly signal?: AbortSignal }): Promise<object> {
  const link = new NatsLink(currentProcess(), theWorld().nats)
  link.dial()
  await unlessAborted(link.back, signal)
  return new ModelConnection(link)
}
