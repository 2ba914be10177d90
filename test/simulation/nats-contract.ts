/**
 * What Hermod relies on in a nats-server, as plays that tell what they saw. Each is played on the real server and on
 * the model, and must tell the same on both.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Msg, type MsgHdrs, headers as natsHeaders } from '@nats-io/transport-node'
import { judgeFailure } from '../../packages/jetstream/src/failure.ts'
import type { JetStreamConnection } from '../../packages/jetstream/src/index.ts'
import type { StreamPlan } from './model-stream.ts'

export type Door = Pick<JetStreamConnection, 'nats' | 'jetstream' | 'manager' | 'newInbox' | 'whenConnected'>

/** A server with one stream, whose subjects begin with `prefix`, and a consumer `reader` of all of it. */
export interface NatsBed {
  readonly stream: string
  readonly prefix: string
  connect(): Promise<Door>
  /** kill -9, and a start on what is on the disk. */
  killed(): Promise<void>
  /** Killed, and started with an empty disk; the stream and its consumer are made anew. */
  erased(): Promise<void>
  /** Stopped (SIGSTOP) while `work` runs. */
  frozen(work: () => Promise<void>): Promise<void>
}

export interface ContractPlay {
  readonly stream?: Partial<Pick<StreamPlan, 'mostPerSubject' | 'mostMessages' | 'windowMs'>>
  readonly mostPending?: number
  /** Needs a server of its own. */
  readonly breaks?: true
  readonly play: (bed: NatsBed, tell: (what: string) => void) => Promise<void>
  readonly tells: readonly string[]
}

export const ackWaitMs = 1_000

/** One pull, and all that comes of it. */
class Reader {
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
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.#bed.stream}.${this.#consumer}`
    const body = { batch: 1, expires: expiresMs * 1e6, idle_heartbeat: heartbeatMs * 1e6 }
    this.#door.nats.publish(subject, JSON.stringify(body), { reply: `${this.#inbox}.${++this.#pulls}` })
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

function wordsOf({ headers, subject, reply, data }: Msg): string {
  if (headers?.code) return `${headers.code}`
  const [, , , , deliveries, seq, deliverySeq] = (reply ?? '').split('.')
  const text = new TextDecoder().decode(data)
  return `${subject.split('.').at(-1)}=${text} seq ${seq} delivery ${deliveries} in all ${deliverySeq}`
}

async function put(
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
function refusalOf(error: unknown): string {
  const failure = judgeFailure(error)
  const { code } = error as { code?: unknown }
  const number = typeof code === 'number' ? `${code} ` : ''
  return failure.kind === 'final' ? `refused ${number}final` : `refused ${number}${failure.reason}`
}

async function held(door: Door, bed: NatsBed): Promise<string> {
  const { state } = await door.manager.streams.info(bed.stream, { subjects_filter: `${bed.prefix}>` })
  const subjects = Object.entries(state.subjects ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${subjects.map(([subject, count]) => `${subject.slice(bed.prefix.length)} ${count}`).join(', ')}; last ${state.last_seq}`
}

async function lastOf(door: Door, bed: NatsBed, name: string): Promise<string> {
  const stored = await door.manager.streams.getMessage(bed.stream, { last_by_subj: `${bed.prefix}${name}` })
  if (stored === null) return 'nothing'
  const what = stored.header.get('KV-Operation') || stored.string()
  return `${what} at ${stored.seq}`
}

async function ask(door: Door, reply: string | undefined, verb: string): Promise<string> {
  try {
    await door.nats.request(reply ?? '', verb, { timeout: 3_000 })
    return 'confirmed'
  } catch (error) {
    return refusalOf(error)
  }
}

const waited = (ms: number): string => (ms >= ackWaitMs - 20 ? 'after its wait' : 'before its wait was over')

export const natsContract: Readonly<Record<string, ContractPlay>> = {
  'an id is known for a while, and then no more': {
    stream: { windowMs: 1_500 },
    async play(bed, tell) {
      const door = await bed.connect()
      tell(await put(door, bed, 'a', '1', { id: 'x' }))
      tell(await put(door, bed, 'b', '2', { id: 'x' }))
      await sleep(2_200)
      tell(await put(door, bed, 'b', '3', { id: 'x' }))
      tell(await held(door, bed))
    },
    tells: ['stored as 1', 'duplicate of 1', 'stored as 2', 'a 1, b 1; last 2'],
  },
  'what a message expects is looked at before whether it is a repeat': {
    async play(bed, tell) {
      const door = await bed.connect()
      tell(await put(door, bed, 'a', '1', { id: 'x', expected: 0 }))
      tell(await put(door, bed, 'a', '1', { id: 'x', expected: 0 }))
      tell(await put(door, bed, 'a', '2', { id: 'y', expected: 0 }))
      tell(await put(door, bed, 'a', '2', { id: 'y', expected: 1 }))
      tell(await put(door, bed, 'a', '1', { id: 'x', expected: 2 }))
    },
    tells: ['stored as 1', 'refused 10071 final', 'refused 10071 final', 'stored as 2', 'duplicate of 1'],
  },
  'of one subject the oldest go': {
    stream: { mostPerSubject: 2 },
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2', '3']) await put(door, bed, 'a', text)
      await put(door, bed, 'b', '4')
      tell(await held(door, bed))
      tell(await lastOf(door, bed, 'a'))
      tell(await lastOf(door, bed, 'c'))
      const reader = new Reader(door, bed)
      tell((await reader.message()).what)
    },
    tells: ['a 2, b 1; last 4', '3 at 3', 'nothing', 'a=2 seq 2 delivery 1 in all 1'],
  },
  'a full stream refuses, and goes on in subjects that are full themselves': {
    stream: { mostMessages: 3, mostPerSubject: 2 },
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      tell(await put(door, bed, 'b', '3'))
      tell(await put(door, bed, 'c', '4', { id: 'x' }))
      tell(await put(door, bed, 'a', '5'))
      tell(await put(door, bed, 'c', '4', { id: 'x' }))
      tell(await held(door, bed))
    },
    tells: [
      'stored as 3',
      'refused 10077 the stream is full',
      'stored as 4',
      'refused 10077 the stream is full',
      'a 2, b 1; last 4',
    ],
  },
  'one that nobody settles comes again after its wait, and no other before it': {
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      const [reader, other] = [new Reader(door, bed), new Reader(door, bed)]
      const first = await reader.message()
      tell(first.what)
      other.pull()
      const again = await other.next()
      tell(`${again.what}, ${waited(again.atMs - first.atMs)}`)
      tell(await ask(door, again.message.reply, '+ACK'))
      tell((await reader.message()).what)
    },
    tells: [
      'a=1 seq 1 delivery 1 in all 1',
      'a=1 seq 1 delivery 2 in all 2, after its wait',
      'confirmed',
      'a=2 seq 2 delivery 1 in all 3',
    ],
  },
  'work that is reported puts the wait off': {
    async play(bed, tell) {
      const door = await bed.connect()
      await put(door, bed, 'a', '1')
      const reader = new Reader(door, bed)
      const first = await reader.message()
      reader.pull()
      for (let times = 0; times < 4; times++) {
        await sleep(ackWaitMs / 2)
        first.message.respond('+WPI')
      }
      const reportedMs = performance.now()
      const again = await reader.next()
      tell(`${again.what}, ${waited(again.atMs - reportedMs)}`)
    },
    tells: ['a=1 seq 1 delivery 2 in all 2, after its wait'],
  },
  'one that is given back comes again at once, or when it says': {
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      const reader = new Reader(door, bed)
      const first = await reader.message()
      first.message.respond('-NAK')
      const second = await reader.message()
      tell(`${second.what}, ${waited(second.atMs - first.atMs)}`)
      second.message.respond(`-NAK ${JSON.stringify({ delay: 1.5 * ackWaitMs * 1e6 })}`)
      const third = await reader.message()
      tell(`${third.what}, ${waited(third.atMs - second.atMs)}`)
      tell(await ask(door, third.message.reply, '+TERM'))
      tell((await reader.message()).what)
    },
    tells: [
      'a=1 seq 1 delivery 2 in all 2, before its wait was over',
      'a=1 seq 1 delivery 3 in all 3, after its wait',
      'confirmed',
      'a=2 seq 2 delivery 1 in all 4',
    ],
  },
  'any delivery of it settles it, and settled twice is settled': {
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      const reader = new Reader(door, bed)
      const first = await reader.message()
      const again = await reader.message()
      tell(again.what)
      tell(await ask(door, first.message.reply, '+ACK'))
      tell(await ask(door, again.message.reply, '+ACK'))
      tell((await reader.message()).what)
    },
    tells: ['a=1 seq 1 delivery 2 in all 2', 'confirmed', 'confirmed', 'a=2 seq 2 delivery 1 in all 3'],
  },
  'as many are out as may be': {
    mostPending: 2,
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2', '3']) await put(door, bed, 'a', text)
      const reader = new Reader(door, bed)
      const first = await reader.message()
      await reader.message()
      reader.pull()
      await sleep(300)
      tell(`${reader.waiting} more`)
      await ask(door, first.message.reply, '+ACK')
      tell((await reader.next()).what)
    },
    tells: ['0 more', 'a=3 seq 3 delivery 1 in all 3'],
  },
  'who asks is told that there is still nothing, and when the time is over': {
    async play(bed, tell) {
      const door = await bed.connect()
      const reader = new Reader(door, bed)
      reader.pull(2_500, 1_000)
      for (let times = 0; times < 3; times++) tell((await reader.next()).what)
      await put(door, bed, 'a', '1')
      await sleep(300)
      tell(`${reader.waiting} unasked`)
    },
    tells: ['100', '100', '408', '0 unasked'],
  },
  'who asked first gets it': {
    async play(bed, tell) {
      const door = await bed.connect()
      const [first, second] = [new Reader(door, bed), new Reader(door, bed)]
      first.pull()
      await sleep(100)
      second.pull()
      await sleep(100)
      await put(door, bed, 'a', '1')
      tell((await first.next()).what)
      await sleep(200)
      tell(`${second.waiting} for the other`)
    },
    tells: ['a=1 seq 1 delivery 1 in all 1', '0 for the other'],
  },
  'who asked and listens no more gets nothing': {
    async play(bed, tell) {
      const door = await bed.connect()
      const [gone, there] = [new Reader(door, bed), new Reader(door, bed)]
      gone.pull()
      await sleep(100)
      gone.leave()
      await sleep(100)
      const askedMs = performance.now()
      there.pull()
      await put(door, bed, 'a', '1')
      const { what, atMs } = await there.next()
      tell(`${what}, ${waited(atMs - askedMs)}`)
    },
    tells: ['a=1 seq 1 delivery 1 in all 1, before its wait was over'],
  },
  'what is not there says so': {
    async play(bed, tell) {
      const door = await bed.connect()
      const reader = new Reader(door, bed, 'nobody')
      reader.pull()
      tell((await reader.next()).what)
      tell(await ask(door, `$JS.ACK.${bed.stream}.nobody.1.1.1.1767225600000000000.0`, '+ACK'))
      tell(await put(door, { ...bed, prefix: 'nowhere.' }, 'a', '1'))
      for (const look of [
        () => door.manager.streams.info('NOWHERE'),
        () => door.manager.streams.getMessage('NOWHERE', { last_by_subj: 'a' }),
      ])
        tell(await look().then(() => 'there', refusalOf))
    },
    tells: [
      '503',
      'refused no stream takes it: run hermod-provision, or it is electing a leader',
      'refused no stream takes it: run hermod-provision, or it is electing a leader',
      'refused 10059 stream not found',
      'refused 10059 stream not found',
    ],
  },
  'an entry is made once, changed by who knows it, and what is left of it is an entry': {
    stream: { mostPerSubject: 1 },
    async play(bed, tell) {
      const door = await bed.connect()
      const removal = { 'KV-Operation': 'DEL' }
      tell(await put(door, bed, 'k', 'one', { expected: 0 }))
      tell(await put(door, bed, 'k', 'other', { expected: 0 }))
      tell(await put(door, bed, 'k', 'two', { expected: 1 }))
      tell(await put(door, bed, 'k', 'three', { expected: 1 }))
      tell(await put(door, bed, 'k', '', { expected: 2, header: removal }))
      tell(await lastOf(door, bed, 'k'))
      tell(await put(door, bed, 'k', 'again', { expected: 0 }))
      tell(await put(door, bed, 'k', 'again', { expected: 3 }))
      tell(await put(door, bed, 'k', '', { header: { ...removal, 'Nats-TTL': '1s' } }))
      await sleep(3_000)
      tell(await lastOf(door, bed, 'k'))
      tell(await put(door, bed, 'k', 'anew', { expected: 0 }))
      tell(await held(door, bed))
    },
    tells: [
      'stored as 1',
      'refused 10071 final',
      'stored as 2',
      'refused 10071 final',
      'stored as 3',
      'DEL at 3',
      'refused 10071 final',
      'stored as 4',
      'stored as 5',
      'nothing',
      'stored as 6',
      'k 1; last 6',
    ],
  },
  'a kill forgets nothing that was acknowledged, and what was out comes again': {
    breaks: true,
    stream: { mostPerSubject: 2, windowMs: 60_000 },
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2', '3']) await put(door, bed, 'a', text, { id: text })
      await new Reader(door, bed).message()
      await sleep(ackWaitMs / 2)
      await bed.killed()
      await door.whenConnected()
      tell(await held(door, bed))
      tell(await put(door, bed, 'b', '3', { id: '3' }))
      tell(`of what went: ${await put(door, bed, 'b', '1', { id: '1' })}`)
      tell((await new Reader(door, bed).message()).what)
    },
    tells: ['a 2; last 3', 'duplicate of 3', 'of what went: stored as 4', 'a=2 seq 2 delivery 2 in all 2'],
  },
  'a kill may forget the newest deliveries and settlements, and counts on from those before': {
    breaks: true,
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      const before = new Reader(door, bed)
      await ask(door, (await before.message()).message.reply, '+ACK')
      await sleep(ackWaitMs / 2)
      await before.message()
      await bed.killed()
      await door.whenConnected()
      const { what } = await new Reader(door, bed).message()
      tell(what.replace(/(?<=delivery )[12] in all [23]$/, 'again'))
    },
    tells: ['a=2 seq 2 delivery again'],
  },
  'an erased server counts from one, and gives out all anew': {
    breaks: true,
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text, { id: text })
      const before = new Reader(door, bed)
      await ask(door, (await before.message()).message.reply, '+ACK')
      await bed.erased()
      await door.whenConnected()
      tell(await lastOf(door, bed, 'a'))
      tell(await put(door, bed, 'a', '2', { id: '2' }))
      tell((await new Reader(door, bed).message()).what)
    },
    tells: ['nothing', 'stored as 1', 'a=2 seq 1 delivery 1 in all 1'],
  },
  'what is asked of a frozen server is done when it goes on': {
    breaks: true,
    async play(bed, tell) {
      const door = await bed.connect()
      await bed.frozen(async () => {
        tell(await put(door, bed, 'a', '1', { id: '1', timeout: 500 }))
      })
      tell(await put(door, bed, 'a', '1', { id: '1' }))
      tell(await held(door, bed))
    },
    tells: ['refused NATS does not answer', 'duplicate of 1', 'a 1; last 1'],
  },
}
