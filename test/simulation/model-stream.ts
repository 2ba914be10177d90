/** One stream of the model, a KV bucket's included: what is stored, and which repeats are known as such. */
import { JetStreamApiError } from '@nats-io/jetstream'
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import { now } from './virtual-time.ts'

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

export class ModelStream {
  readonly plan: StreamPlan
  readonly #bySubject = new Map<string, StoredMessage[]>()
  readonly #ids = new Map<string, StoredMessage>()
  #messages: StoredMessage[] = []
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
    return this.#messages.some(({ data }) =>
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).includes(text),
    )
  }

  last(subject: string): StoredMessage | null {
    return this.#bySubject.get(subject)?.at(-1) ?? null
  }

  next(afterSeq: number, matches: (subject: string) => boolean): StoredMessage | undefined {
    return this.#messages.find(({ seq, subject }) => seq > afterSeq && matches(subject))
  }

  /** Throws JetStreamApiError when somebody else wrote first. */
  publish(
    subject: string,
    data: Uint8Array,
    { msgID: id, headers: given, expect }: PublishOptions,
  ): PublishAnswer {
    const { name: stream, windowMs, mostPerSubject } = this.plan
    const known = id === undefined ? undefined : this.#ids.get(id)
    if (known && now() - known.atMs < windowMs) return { stream, seq: known.seq, duplicate: true }
    const ofSubject = this.#bySubject.get(subject) ?? []
    const { lastSubjectSequence: expected } = expect ?? {}
    if (expected !== undefined && (ofSubject.at(-1)?.seq ?? 0) !== expected)
      throw new JetStreamApiError(wrongLastSequence)
    const header = headers()
    for (const [key, values] of given ?? []) for (const value of values) header.append(key, value)
    if (id !== undefined) header.set('Nats-Msg-Id', id)
    const message: StoredMessage = { seq: ++this.#lastSeq, subject, data: data.slice(), header, atMs: now() }
    if (id !== undefined) this.#ids.set(id, message)
    this.#messages.push(message)
    ofSubject.push(message)
    this.#bySubject.set(subject, ofSubject)
    const oldest = ofSubject.length > mostPerSubject ? ofSubject.shift() : undefined
    if (oldest) this.#messages = this.#messages.filter((each) => each !== oldest)
    return { stream, seq: message.seq, duplicate: false }
  }
}
