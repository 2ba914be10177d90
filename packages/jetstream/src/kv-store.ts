// Owns the reading and writing of one KV bucket.
// K1. A write names the revision it rests on; whoever comes second is told so and has changed nothing.
// K2. A write whose answer was lost is not called a conflict before the stored value was compared with it.
// K3. Reads ask the stream's leader (STREAM.MSG.GET), never the nearest replica: to a handler that finds
//     nothing new a stale value would hide a change, and no write would follow to reveal it.
// K4. Every operation is repeated while NATS is away, until its signal is aborted.
import { type Parsed, parseJson } from '@hermod/contracts'
import type { StoredMsg, StreamState } from '@nats-io/jetstream'
import { headers as natsHeaders } from '@nats-io/transport-node'
import type { JetStreamConnection } from './connect.ts'
import { isConflict, isTooLarge, isTtlDisabled } from './failure.ts'
import { keepTrying, type Trying } from './keep-trying.ts'
import type { Report } from './log.ts'
import { Obstacles } from './obstacles.ts'
import { NewerVersion } from './outcome.ts'
import { MessageTooLarge } from './publish.ts'

export interface Entry<T> {
  readonly value: T
  readonly kvRevision: number
}

export interface Bucket<T> {
  /** Undefined for a key that does not exist or was removed. Throws NewerVersion or MalformedEntry. */
  load(key: string, signal?: AbortSignal): Promise<Entry<T> | undefined>
  /**
   * Stores `value` if the key still has `kvRevision` (undefined: if it does not exist) and returns the new
   * revision; undefined means that somebody else was first. Throws MessageTooLarge.
   */
  save(
    key: string,
    value: T,
    kvRevision: number | undefined,
    signal?: AbortSignal,
  ): Promise<number | undefined>
  /** False when the key no longer has `kvRevision`; without one it is removed whatever it holds. */
  remove(key: string, kvRevision?: number, signal?: AbortSignal): Promise<boolean>
  /**
   * The keys that match, with NATS wildcards. One that was removed lately may still be among them:
   * `load` tells.
   */
  keys(filter?: string, signal?: AbortSignal): Promise<readonly string[]>
  /** Revision of the newest write that it holds, 0 if there is none: it falls only when NATS has lost some. */
  newest(signal?: AbortSignal): Promise<number>
  /** Calls `listener` with each key that matches and is written while we are connected, until it is disposed of. */
  onWritten(filter: string, listener: (key: string) => void): Disposable
}

export interface BucketOptions<T> {
  readonly connection: JetStreamConnection
  readonly bucket: string
  /** Values are JSON. */
  readonly parse: (data: unknown) => Parsed<T>
  readonly report?: Report
}

/** A stored value that is neither ours nor newer. */
export class MalformedEntry extends Error {
  override name = 'MalformedEntry'
  readonly kvRevision: number

  constructor(what: string, problem: string, kvRevision: number) {
    super(`${what} is malformed: ${problem}; repair or remove the key`)
    this.kvRevision = kvRevision
  }
}

const requestTimeoutMs = 2_000
/** What is left of a removed key, on servers that know message TTLs (2.11). */
const removedMarkerTtl = '10m'
const encoder = new TextEncoder()

export function openBucket<T>(options: BucketOptions<T>): Bucket<T> {
  return new StoredBucket(options)
}

class StoredBucket<T> implements Bucket<T> {
  readonly #connection: JetStreamConnection
  readonly #bucket: string
  readonly #parse: (data: unknown) => Parsed<T>
  readonly #obstacles: Obstacles

  constructor({ connection, bucket, parse, report }: BucketOptions<T>) {
    this.#connection = connection
    this.#bucket = bucket
    this.#parse = parse
    this.#obstacles = new Obstacles(`bucket ${bucket}`, report)
  }

  async load(key: string, signal?: AbortSignal): Promise<Entry<T> | undefined> {
    const stored = await this.#trying(() => this.#read(key), signal)
    if (!stored || isRemoved(stored)) return undefined
    const parsed = parseJson(stored.string(), this.#parse)
    if (parsed.kind === 'ok') return { value: parsed.value, kvRevision: stored.seq }
    const what = `key ${key} of bucket ${this.#bucket}`
    if (parsed.kind === 'newer') throw new NewerVersion(what, parsed.version)
    throw new MalformedEntry(what, parsed.problem, stored.seq)
  }

  async save(
    key: string,
    value: T,
    kvRevision: number | undefined,
    signal?: AbortSignal,
  ): Promise<number | undefined> {
    const body = encoder.encode(JSON.stringify(value))
    return await this.#trying(async ({ outcomeUnknown }) => {
      const saved = await this.#write(key, body, kvRevision ?? 0)
      if (saved !== undefined) return saved
      const stored = await this.#read(key)
      if (!stored) return undefined
      if (outcomeUnknown && Buffer.compare(stored.data, body) === 0) return stored.seq
      return kvRevision === undefined && isRemoved(stored)
        ? await this.#write(key, body, stored.seq)
        : undefined
    }, signal)
  }

  async remove(key: string, kvRevision?: number, signal?: AbortSignal): Promise<boolean> {
    return await this.#trying(async ({ outcomeUnknown }) => {
      if ((await this.#writeRemoval(key, kvRevision)) !== undefined) return true
      const stored = outcomeUnknown ? await this.#read(key) : undefined
      return outcomeUnknown && (!stored || isRemoved(stored))
    }, signal)
  }

  async keys(filter = '>', signal?: AbortSignal): Promise<readonly string[]> {
    const prefix = this.#subject('')
    const { subjects } = await this.#state({ subjects_filter: `${prefix}${filter}` }, signal)
    return Object.keys(subjects ?? {}).map((subject) => subject.slice(prefix.length))
  }

  async newest(signal?: AbortSignal): Promise<number> {
    return (await this.#state({}, signal)).last_seq
  }

  onWritten(filter: string, listener: (key: string) => void): Disposable {
    const prefix = this.#subject('')
    const subscription = this.#connection.nats.subscribe(`${prefix}${filter}`, {
      callback: (error, { subject, headers }) => {
        if (!error && !headers?.get('KV-Operation')) listener(subject.slice(prefix.length))
      },
    })
    return { [Symbol.dispose]: () => subscription.unsubscribe() }
  }

  async #state(
    query: { readonly subjects_filter?: string },
    signal: AbortSignal | undefined,
  ): Promise<StreamState> {
    const { streams } = this.#connection.manager
    return (await this.#trying(() => streams.info(`KV_${this.#bucket}`, { ...query }), signal)).state
  }

  async #read(key: string): Promise<StoredMsg | null> {
    return await this.#connection.manager.streams.getMessage(`KV_${this.#bucket}`, {
      last_by_subj: this.#subject(checkedKey(key)),
    })
  }

  async #writeRemoval(key: string, revision: number | undefined): Promise<number | undefined> {
    const empty = new Uint8Array()
    try {
      return await this.#write(key, empty, revision, { 'KV-Operation': 'DEL', 'Nats-TTL': removedMarkerTtl })
    } catch (error) {
      if (!isTtlDisabled(error)) throw error
      return await this.#write(key, empty, revision, { 'KV-Operation': 'DEL' })
    }
  }

  /** The new revision, or undefined when `revision` (0: no such key) is not the key's. */
  async #write(
    key: string,
    body: Uint8Array,
    revision: number | undefined,
    extraHeaders: Readonly<Record<string, string>> = {},
  ): Promise<number | undefined> {
    const headers = natsHeaders()
    for (const [name, value] of Object.entries(extraHeaders)) headers.set(name, value)
    try {
      const ack = await this.#connection.jetstream.publish(this.#subject(checkedKey(key)), body, {
        headers,
        timeout: requestTimeoutMs,
        ...(revision !== undefined && { expect: { lastSubjectSequence: revision } }),
      })
      return ack.seq
    } catch (error) {
      if (isConflict(error)) return undefined
      if (isTooLarge(error))
        throw new MessageTooLarge(`key ${key} of bucket ${this.#bucket}: ${body.length} bytes are too many`, {
          cause: error,
        })
      throw error
    }
  }

  async #trying<R>(
    request: Parameters<typeof keepTrying<R>>[1],
    signal: AbortSignal | undefined,
  ): Promise<R> {
    const member = Symbol('operation')
    const trying: Trying = {
      signal,
      onObstacle: (obstacle) => {
        this.#obstacles.set(member, obstacle && `bucket ${this.#bucket}: ${obstacle}`)
      },
    }
    return await keepTrying(this.#connection, request, trying)
  }

  #subject(key: string): string {
    return `$KV.${this.#bucket}.${key}`
  }
}

function isRemoved({ header }: StoredMsg): boolean {
  return header.get('KV-Operation') === 'DEL' || header.get('KV-Operation') === 'PURGE'
}

function checkedKey(key: string): string {
  if (/^[-/_=A-Za-z0-9]+(?:\.[-/_=A-Za-z0-9]+)*$/.test(key)) return key
  throw new TypeError(`${JSON.stringify(key)} is no KV key: escape its tokens`)
}
