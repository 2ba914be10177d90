// Owns one lease: a KV entry that names the process which alone may act.
// S1. A term ends for its holder 5.5 s after the last renewal was *sent*, by its own monotonic clock; a
//     contender waits 6 s from when it first *saw* that renewal, so the two never overlap.
// S2. Whoever holds a term asks `valid()` right before each act: a process that was frozen past its term
//     knows it then, before any timer has fired.
// S3. The epoch rises with each holder and never falls, even when the bucket was lost: it starts at the time.
// S4. A disposed holder gives the lease back at once, after its work has ended.
import { randomUUID } from 'node:crypto'
import { type Parsed, parseFields } from '@hermod/contracts'
import type { JetStreamConnection } from './connect.ts'
import { type Bucket, type Entry, openBucket } from './kv-store.ts'
import type { Log } from './log.ts'
import { pause, unlessAborted } from './pause.ts'

/** One holder's unbroken time with the lease. */
export interface Term {
  readonly epoch: number
  /** Aborted when the term ends. */
  readonly signal: AbortSignal
  /** By the clock, not by a timer: true only while nobody else can hold the lease. */
  valid(): boolean
}

export interface LeaseOptions {
  readonly connection: JetStreamConnection
  /** Key in the bucket `leases`. */
  readonly key: string
  readonly log: Log
  /**
   * Runs once per term and ends soon after `term.signal` is aborted. When it throws, or ends by itself, the
   * lease is given back and sought again a second later.
   */
  readonly run: (term: Term) => Promise<void>
  readonly bucket?: string
  readonly times?: LeaseTimes
}

export interface LeaseTimes {
  readonly leaseMs: number
  readonly renewMs: number
  /** How often a contender looks. */
  readonly lookMs: number
}

interface Record {
  readonly version: number
  /** Empty: given back. */
  readonly holder: string
  readonly epoch: number
}

const defaultTimes: LeaseTimes = { leaseMs: 6_000, renewMs: 2_000, lookMs: 500 }
const releaseTimeoutMs = 1_000
/** Whoever stops hears how a renewal under way ends, if that takes no longer. */
const renewalPatienceMs = 500
const pauseAfterEndMs = 1_000

/** Seeks the lease, holds it, seeks it again, until it is disposed of. */
export function holdLease(options: LeaseOptions): AsyncDisposable {
  return new Lease(options)
}

class Lease implements AsyncDisposable {
  readonly #options: LeaseOptions
  readonly #times: LeaseTimes
  readonly #bucket: Bucket<Record>
  readonly #holder = randomUUID()
  readonly #stopping = new AbortController()
  readonly #patienceOver = new AbortController()
  readonly #running: Promise<void>

  constructor(options: LeaseOptions) {
    const { connection, bucket = 'leases', times = defaultTimes } = options
    this.#options = options
    this.#times = times
    this.#bucket = openBucket({ connection, bucket, parse: parseRecord })
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    const { log, key } = this.#options
    const stopping = this.#stopping.signal
    while (!stopping.aborted) {
      try {
        await this.#hold(await this.#acquire())
      } catch (error) {
        if (stopping.aborted) return
        log.error({ key, err: error }, 'lease: trying again')
      }
      await pause(pauseAfterEndMs, stopping).catch(() => undefined)
    }
  }

  async #acquire(): Promise<LiveTerm> {
    const stopping = this.#stopping.signal
    let seen: { readonly kvRevision: number; readonly at: number } | undefined
    for (;;) {
      const entry = await this.#bucket.load(this.#options.key, stopping)
      if (entry && entry.kvRevision !== seen?.kvRevision)
        seen = { kvRevision: entry.kvRevision, at: performance.now() }
      const free = !entry || entry.value.holder === '' || this.#isMine(entry)
      if (free || (seen && performance.now() - seen.at >= this.#times.leaseMs)) {
        const term = await this.#take(entry)
        if (term) return term
      }
      await pause(this.#times.lookMs, stopping)
    }
  }

  #isMine(entry: Entry<Record>): boolean {
    return entry.value.holder === this.#holder
  }

  async #take(entry: Entry<Record> | undefined): Promise<LiveTerm | undefined> {
    const epoch = Math.max((entry?.value.epoch ?? 0) + 1, Date.now())
    const sentAt = performance.now()
    const kvRevision = await this.#write(epoch, entry?.kvRevision, this.#times.leaseMs)
    if (kvRevision === undefined) return undefined
    this.#options.log.info({ key: this.#options.key, epoch }, 'lease taken')
    return new LiveTerm(epoch, kvRevision, sentAt + this.#termMs)
  }

  async #hold(term: LiveTerm): Promise<void> {
    const { log, key, run } = this.#options
    const work = run(term)
    const worked = work.then(
      () => term.end('its work ended'),
      () => term.end('its work failed'),
    )
    await this.#renewUntilEnd(term)
    await worked
    log.info({ key, epoch: term.epoch, reason: term.endedBy }, 'lease term over')
    await this.#release(term)
    await work
  }

  async #renewUntilEnd(term: LiveTerm): Promise<void> {
    const stopping = this.#stopping.signal
    const over = AbortSignal.any([term.signal, this.#patienceOver.signal])
    const expiry = setInterval(() => term.valid(), 100)
    try {
      for (;;) {
        await unlessAborted(pause(this.#times.renewMs, stopping), term.signal)
        if (!term.valid()) return
        const sentAt = performance.now()
        const kvRevision = await this.#write(term.epoch, term.kvRevision, term.leftMs(), over)
        if (kvRevision === undefined) return term.end('somebody else took the lease')
        term.renew(kvRevision, sentAt + this.#termMs)
      }
    } catch {
      term.end(stopping.aborted ? 'stopping' : 'not renewed in time')
    } finally {
      clearInterval(expiry)
    }
  }

  async #release(term: LiveTerm): Promise<void> {
    const given: Record = { version: 1, holder: '', epoch: term.epoch }
    const timeout = AbortSignal.timeout(releaseTimeoutMs)
    await this.#bucket.save(this.#options.key, given, term.kvRevision, timeout).catch(() => undefined)
  }

  async #write(
    epoch: number,
    kvRevision: number | undefined,
    withinMs: number,
    ended?: AbortSignal,
  ): Promise<number | undefined> {
    const record: Record = { version: 1, holder: this.#holder, epoch }
    const late = AbortSignal.timeout(Math.max(0, Math.floor(withinMs)))
    const write = this.#bucket.save(this.#options.key, record, kvRevision, late)
    return await unlessAborted(write, ended)
  }

  get #termMs(): number {
    return this.#times.leaseMs - this.#times.leaseMs / 12
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('stopping'))
    const patience = setTimeout(() => this.#patienceOver.abort(new Error('stopping')), renewalPatienceMs)
    await this.#running
    clearTimeout(patience)
  }
}

class LiveTerm implements Term {
  readonly epoch: number
  kvRevision: number
  endedBy: string | undefined
  #validUntil: number
  readonly #ended = new AbortController()

  constructor(epoch: number, kvRevision: number, validUntil: number) {
    this.epoch = epoch
    this.kvRevision = kvRevision
    this.#validUntil = validUntil
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  valid(): boolean {
    if (this.leftMs() <= 0) this.end('not renewed in time')
    return !this.#ended.signal.aborted
  }

  leftMs(): number {
    return this.#validUntil - performance.now()
  }

  renew(kvRevision: number, validUntil: number): void {
    this.kvRevision = kvRevision
    this.#validUntil = validUntil
  }

  /** Only the first reason counts. */
  end(reason: string): void {
    this.endedBy ??= reason
    this.#ended.abort(new Error(`the lease term is over: ${this.endedBy}`))
  }
}

function parseRecord(data: unknown): Parsed<Record> {
  return parseFields<Record>(data, 1, ({ holder, epoch }) =>
    typeof holder === 'string' && Number.isSafeInteger(epoch)
      ? { version: 1, holder, epoch: Number(epoch) }
      : 'expected a holder and an epoch',
  )
}
