/** One stream of the model, a KV bucket's included: what is stored, and which repeats are known as such. */
import { JetStreamApiError } from '@nats-io/jetstream'
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import { after, now } from './virtual-time.ts'

export interface StoredMessage {
  readonly seq: number
  readonly subject: string
  readonly data: Uint8Array
  readonly header: MsgHdrs
  readonly atMs: number
}

export interface StreamPlan {
  readonly name: string
  /** Of its subjects. */
  readonly prefix: string
  readonly mostPerSubject: number
  /** None more are taken, unless one of the same subject goes for it. */
  readonly mostMessages?: number
  readonly windowMs: number
  readonly metadata: Readonly<Record<string, string>>
}

export interface PublishOptions {
  readonly msgID?: string
  readonly headers?: MsgHdrs
  readonly expect?: { readonly lastSubjectSequence?: number }
}

export interface PublishAnswer {
  readonly stream: string
  readonly seq: number
  readonly duplicate: boolean
}

const wrongLastSequence = { code: 400, err_code: 10_071, description: 'wrong last sequence' }
/** No room is left. */
export const full = { code: 503, err_code: 10_077, description: 'maximum messages exceeded' }
const secondsIn: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 }

export class ModelStream {
  readonly plan: StreamPlan
  readonly #bySubject = new Map<string, StoredMessage[]>()
  readonly #messages = new Map<number, StoredMessage>()
  #ids = new Map<string, StoredMessage>()
  #lastSeq = 0

  constructor(plan: StreamPlan) {
    this.plan = plan
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  /** How many messages each subject has. */
  get subjects(): readonly (readonly [subject: string, count: number])[] {
    return [...this.#bySubject].map(([subject, { length }]) => [subject, length])
  }

  holds(text: string): boolean {
    return this.#messages
      .values()
      .some(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).includes(text))
  }

  last(subject: string): StoredMessage | null {
    return this.#bySubject.get(subject)?.at(-1) ?? null
  }

  at(seq: number): StoredMessage | undefined {
    return this.#messages.get(seq)
  }

  /** A server that starts knows the ids of what it still has. */
  restart(): void {
    this.#ids = new Map(
      this.#ids.entries().filter(([, message]) => this.#messages.get(message.seq) === message),
    )
  }

  /** What is on the disk now, to be gone back to. */
  written(): () => void {
    const [lastSeq, messages] = [this.#lastSeq, [...this.#messages.values()]]
    return () => {
      this.#lastSeq = lastSeq
      this.#messages.clear()
      this.#bySubject.clear()
      for (const message of messages) this.#keep(message)
    }
  }

  /** Throws JetStreamApiError when somebody else wrote first. */
  publish(
    subject: string,
    data: Uint8Array,
    { msgID: id, headers: given, expect }: PublishOptions,
  ): PublishAnswer {
    const { name: stream, windowMs, mostPerSubject, mostMessages = Number.POSITIVE_INFINITY } = this.plan
    const ofSubject = this.#bySubject.get(subject) ?? []
    const { lastSubjectSequence: expected } = expect ?? {}
    if (expected !== undefined && (ofSubject.at(-1)?.seq ?? 0) !== expected)
      throw new JetStreamApiError(wrongLastSequence)
    const known = id === undefined ? undefined : this.#ids.get(id)
    if (known && now() - known.atMs < windowMs) return { stream, seq: known.seq, duplicate: true }
    const goes = ofSubject.length >= mostPerSubject ? ofSubject[0] : undefined
    if (goes === undefined && this.#messages.size >= mostMessages) throw new JetStreamApiError(full)
    const header = headers()
    for (const [key, values] of given ?? []) for (const value of values) header.append(key, value)
    if (id !== undefined) header.set('Nats-Msg-Id', id)
    const message: StoredMessage = { seq: ++this.#lastSeq, subject, data: data.slice(), header, atMs: now() }
    if (id !== undefined) this.#ids.set(id, message)
    if (goes) this.#remove(goes)
    this.#keep(message)
    const [, count, unit = ''] = /^(\d+)([smh])$/.exec(header.get('Nats-TTL')) ?? []
    if (count !== undefined)
      after(Number(count) * (secondsIn[unit] ?? 1) * 1_000, () => this.#remove(message))
    return { stream, seq: message.seq, duplicate: false }
  }

  #keep(message: StoredMessage): void {
    this.#messages.set(message.seq, message)
    const ofSubject = this.#bySubject.get(message.subject)
    if (ofSubject) ofSubject.push(message)
    else this.#bySubject.set(message.subject, [message])
  }

  #remove({ seq, subject }: StoredMessage): void {
    this.#messages.delete(seq)
    const left = (this.#bySubject.get(subject) ?? []).filter((each) => each.seq !== seq)
    if (left.length > 0) this.#bySubject.set(subject, left)
    else this.#bySubject.delete(subject)
  }
}
