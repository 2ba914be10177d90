// Owns one durable pull consumer of the model.
// C1. A message is given out until it is settled: again after its wait, and after a refusal at once.
// C2. No more are given out at a time than may be pending.
import type { NatsLink } from './model-connection.ts'
import type { ModelStream, StoredMessage } from './model-stream.ts'
import { after, chance, now } from './virtual-time.ts'

export interface ConsumerPlan {
  readonly name: string
  readonly stream: string
  readonly filter: (subject: string) => boolean
  readonly ackWaitMs: number
  readonly mostPending: number
}

export interface Pull {
  readonly link: NatsLink
  /** Where its reader listens. */
  readonly inbox: string
  readonly expiresMs: number
  readonly heartbeatMs: number
  open: boolean
}

interface Pending {
  readonly message: StoredMessage
  deliveries: number
  /** Rises when the wait begins anew. */
  wait: number
}

/** What of a consumer is on the disk. */
interface Stand {
  readonly atMs: number
  readonly lastSeq: number
  readonly deliverySeq: number
  readonly pending: readonly Readonly<Pending>[]
}

/** The server that it runs on. */
export interface Host {
  readonly up: boolean
  /** Up, and not frozen. */
  readonly able: boolean
  whenAble(work: () => void): void
}

/** What a consumer was told and did within so long a server may have forgotten when it is killed. */
const freshMs = 250
const nothing: Stand = { atMs: 0, lastSeq: 0, deliverySeq: 0, pending: [] }
const epochNs = Date.UTC(2026, 0, 1) * 1e6

export class ModelConsumer {
  readonly plan: ConsumerPlan
  readonly #host: Host
  readonly #stream: () => ModelStream
  readonly #pending = new Map<number, Pending>()
  #again: number[] = []
  #pulls: Pull[] = []
  /** Its stands of late, the newest last. */
  #written: Stand[] = []
  #lastSeq = 0
  #deliverySeq = 0

  constructor(plan: ConsumerPlan, host: Host, stream: () => ModelStream) {
    this.plan = plan
    this.#host = host
    this.#stream = stream
  }

  pull(pull: Pull): void {
    const { heartbeatMs, expiresMs, link, inbox } = pull
    this.#pulls.push(pull)
    const beat = (): void => {
      if (!pull.open || !this.#host.up) return
      this.#host.whenAble(() => link.receiveStatus(inbox, 100, 'Idle Heartbeat'))
      after(heartbeatMs, beat)
    }
    after(heartbeatMs, beat)
    after(expiresMs, () => {
      this.#host.whenAble(() => {
        if (!pull.open) return
        pull.open = false
        link.receiveStatus(inbox, 408, 'Request Timeout')
      })
    })
    this.giveOut()
  }

  /** What a reader says of a message. */
  settle(seq: number, verb: string): void {
    const pending = this.#pending.get(seq)
    if (pending === undefined) return
    if (verb === '+WPI') return this.#await(pending)
    if (verb === '-NAK') return this.#giveAgain(pending)
    if (verb.startsWith('-NAK ')) {
      const { delay } = JSON.parse(verb.slice(5)) as { delay: number }
      return this.#await(pending, delay / 1e6)
    }
    this.#pending.delete(seq)
    this.#again = this.#again.filter((each) => each !== seq)
    this.#write()
    this.giveOut()
  }

  giveOut(): void {
    while (this.#host.able && this.#pending.size - this.#again.length < this.plan.mostPending) {
      this.#pulls = this.#pulls.filter(({ open, link, inbox }) => open && link.listens(inbox))
      const [pull] = this.#pulls
      const pending = pull && this.#next()
      if (pull === undefined || pending === undefined) return
      pull.open = false
      pending.deliveries++
      const { seq, atMs } = pending.message
      const { stream, name } = this.plan
      const numbers = [pending.deliveries, seq, ++this.#deliverySeq, epochNs + Math.floor(atMs * 1e6), 0]
      pull.link.receive(pending.message, ['$JS', 'ACK', stream, name, ...numbers].join('.'), pull.inbox)
      this.#await(pending)
      this.#write()
    }
  }

  /** The server was killed: what it last did may not be on its disk, that it gave a message out included. */
  forgetFresh(): void {
    const writtenMs = now() - chance().between(0, freshMs)
    this.#goBackTo(this.#written.findLast(({ atMs }) => atMs <= writtenMs) ?? nothing)
  }

  /** What is on the disk now, to be gone back to. */
  written(): () => void {
    const stand = this.#written.at(-1) ?? nothing
    return () => this.#goBackTo(stand)
  }

  #goBackTo({ lastSeq, deliverySeq, pending }: Stand): void {
    this.#lastSeq = lastSeq
    this.#deliverySeq = deliverySeq
    this.#pending.clear()
    for (const each of pending) this.#pending.set(each.message.seq, { ...each })
    this.#written = []
    this.#write()
    this.#pulls = []
    this.#again = []
  }

  /** The server is back. Its clock of what was out is as coarse as a second. */
  resume(): void {
    for (const each of this.#pending.values()) this.#await(each, chance().between(0, this.plan.ackWaitMs))
  }

  #write(): void {
    const old = this.#written.findLastIndex(({ atMs }) => atMs <= now() - freshMs)
    this.#written = this.#written.slice(Math.max(0, old))
    const pending = [...this.#pending.values()].map((each) => ({ ...each }))
    this.#written.push({ atMs: now(), lastSeq: this.#lastSeq, deliverySeq: this.#deliverySeq, pending })
  }

  #next(): Pending | undefined {
    const again = this.#again.shift()
    if (again !== undefined) return this.#pending.get(again)
    const stream = this.#stream()
    while (this.#lastSeq < stream.lastSeq) {
      const message = stream.at(++this.#lastSeq)
      if (message === undefined || !this.plan.filter(message.subject)) continue
      const pending = { message, deliveries: 0, wait: 0 }
      this.#pending.set(message.seq, pending)
      return pending
    }
    return undefined
  }

  #await(pending: Pending, delayMs: number = this.plan.ackWaitMs): void {
    const wait = ++pending.wait
    after(delayMs, () => {
      this.#host.whenAble(() => {
        if (pending.wait === wait && this.#pending.get(pending.message.seq) === pending)
          this.#giveAgain(pending)
      })
    })
  }

  #giveAgain(pending: Pending): void {
    pending.wait++
    if (!this.#again.includes(pending.message.seq)) this.#again.push(pending.message.seq)
    this.giveOut()
  }
}
