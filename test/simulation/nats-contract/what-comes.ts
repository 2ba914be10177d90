/** How a play asks a server, and the words in which it tells what came. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Msg, type MsgHdrs, headers as natsHeaders } from '@nats-io/transport-node'
import { judgeFailure } from '../../../packages/jetstream/src/failure.ts'
import { ackWaitMs, type Door, type NatsBed } from './contract-play.ts'

/** One pull, and all that comes of it. */
export class Reader {
  readonly #door: Door
  readonly #bed: NatsBed
  readonly #consumer: string
  readonly #inbox: string
  readonly #seen: { readonly message: Msg; readonly atMs: number }[] = []
  readonly #subscription: { unsubscribe(): void }
  #wake = Promise.withResolvers<void>()
  #pulls = 0

  constructor(door: Door, bed: NatsBed, consumer: string = 'reader') {
    this.#door = door
    this.#bed = bed
    this.#consumer = consumer
    this.#inbox = door.newInbox()
    this.#subscription = door.nats.subscribe(`${this.#inbox}.*`, {
      callback: (_, message) => {
        this.#seen.push({ message, atMs: performance.now() })
        this.#wake.resolve()
      },
    })
  }

  pull(expiresMs = 20_000, heartbeatMs = 9_000): void {
    this.#ask(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#bed.stream}.${this.#consumer}`,
      pullOf(expiresMs, heartbeatMs),
    )
  }

  /** Acknowledges what was given out at `reply`, and asks for one more. */
  settleAndPull(reply: string | undefined): void {
    this.#ask(reply ?? '', `+NXT ${pullOf(20_000, 9_000)}`)
  }

  #ask(subject: string, body: string): void {
    this.#door.nats.publish(subject, body, { reply: `${this.#inbox}.${++this.#pulls}` })
  }

  /** The next thing that comes, and when. Throws when nothing does. */
  async next(
    withinMs = 15_000,
  ): Promise<{ readonly message: Msg; readonly what: string; readonly atMs: number }> {
    const until = performance.now() + withinMs
    for (;;) {
      const first = this.#seen.shift()
      if (first) return { ...first, what: wordsOf(first.message) }
      if (performance.now() >= until) throw new Error('nothing came')
      this.#wake = Promise.withResolvers()
      const over = new AbortController()
      const patience = sleep(until - performance.now(), undefined, { signal: over.signal }).catch(
        () => undefined,
      )
      await Promise.race([this.#wake.promise, patience])
      over.abort()
    }
  }

  async message(): Promise<{ readonly message: Msg; readonly what: string; readonly atMs: number }> {
    this.pull()
    return await this.next()
  }

  get waiting(): number {
    return this.#seen.length
  }

  leave(): void {
    this.#subscription.unsubscribe()
  }
}

function pullOf(expiresMs: number, heartbeatMs: number): string {
  return JSON.stringify({ batch: 1, expires: expiresMs * 1e6, idle_heartbeat: heartbeatMs * 1e6 })
}

function wordsOf({ headers, subject, reply, data }: Msg): string {
  if (headers?.code) return `${headers.code}`
  const [, , , , deliveries, seq, deliverySeq] = (reply ?? '').split('.')
  const text = new TextDecoder().decode(data)
  return `${subject.split('.').at(-1)}=${text} seq ${seq} delivery ${deliveries} in all ${deliverySeq}`
}

export async function put(
  door: Door,
  bed: NatsBed,
  name: string,
  text: string,
  {
    id,
    expected,
    header = {},
    timeout = 5_000,
  }: { id?: string; expected?: number; header?: Readonly<Record<string, string>>; timeout?: number } = {},
): Promise<string> {
  const headers: MsgHdrs = natsHeaders()
  for (const [key, value] of Object.entries(header)) headers.set(key, value)
  try {
    const { seq, duplicate } = await door.jetstream.publish(
      `${bed.prefix}${name}`,
      new TextEncoder().encode(text),
      {
        headers,
        timeout,
        ...(id !== undefined && { msgID: id }),
        ...(expected !== undefined && { expect: { lastSubjectSequence: expected } }),
      },
    )
    return `${duplicate ? 'duplicate of' : 'stored as'} ${seq}`
  } catch (error) {
    return refusalOf(error)
  }
}

/** As the product takes it. */
export function refusalOf(error: unknown): string {
  const failure = judgeFailure(error)
  const { code } = error as { code?: unknown }
  const number = typeof code === 'number' ? `${code} ` : ''
  return failure.kind === 'final' ? `refused ${number}final` : `refused ${number}${failure.reason}`
}

export async function held(door: Door, bed: NatsBed): Promise<string> {
  const { state } = await door.manager.streams.info(bed.stream, { subjects_filter: `${bed.prefix}>` })
  const subjects = Object.entries(state.subjects ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${subjects.map(([subject, count]) => `${subject.slice(bed.prefix.length)} ${count}`).join(', ')}; last ${state.last_seq}`
}

export async function lastOf(door: Door, bed: NatsBed, name: string): Promise<string> {
  const stored = await door.manager.streams.getMessage(bed.stream, { last_by_subj: `${bed.prefix}${name}` })
  if (stored === null) return 'nothing'
  const what = stored.header.get('KV-Operation') || stored.string()
  return `${what} at ${stored.seq}`
}

export async function ask(door: Door, reply: string | undefined, verb: string): Promise<string> {
  try {
    await door.nats.request(reply ?? '', verb, { timeout: 3_000 })
    return 'confirmed'
  } catch (error) {
    return refusalOf(error)
  }
}

// A reader on a busy machine sees the first of two messages late.

export const waited = (ms: number): string =>
  ms > ackWaitMs / 2 ? 'after its wait' : 'before its wait was over'
