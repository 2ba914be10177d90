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

/** The server that it runs on. */
export interface Host {
  readonly up: boolean
  /** Up, and not frozen. */
  readonly able: boolean
  whenAble(work: () => void): void
}

/** How old an acknowledgement may be and yet be forgotten by a server that is killed. */
const freshMs = 250
const epochNs = Date.UTC(2026, 0, 1) * 1e6

export class ModelConsumer {
  readonly plan: ConsumerPlan
  readonly #host: Host
  readonly #stream: () => ModelStream
  readonly #pending = new Map<number, Pending>()
  #again: number[] = []
  #pulls: Pull[] = []
  #fresh: { readonly message: StoredMessage; readonly atMs: number }[] = []
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
    this.#pending.delete(seq)
    this.#again = this.#again.filter((each) => each !== seq)
    this.#fresh = [
      ...this.#fresh.filter(({ atMs }) => now() - atMs < freshMs),
      { message: pending.message, atMs: now() },
    ]
    this.giveOut()
  }

  giveOut(): void {
    while (this.#host.able && this.#pending.size - this.#again.length < this.plan.mostPending) {
      this.#pulls = this.#pulls.filter(({ open, link }) => open && link.connected)
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
    }
  }

  /** The server was killed: the newest acknowledgements may not be on its disk. */
  forgetFresh(): void {
    const lagMs = chance().between(0, freshMs)
    const forgotten = this.#fresh.filter(({ atMs }) => now() - atMs < lagMs)
    for (const { message } of forgotten) this.#pending.set(message.seq, { message, deliveries: 1, wait: 0 })
    this.#fresh = []
    this.#pulls = []
    this.#again = [...this.#pending.keys()].sort((a, b) => a - b)
  }

  #next(): Pending | undefined {
    const again = this.#again.shift()
    if (again !== undefined) return this.#pending.get(again)
    const message = this.#stream().next(this.#lastSeq, this.plan.filter)
    if (message === undefined) return undefined
    this.#lastSeq = message.seq
    const pending = { message, deliveries: 0, wait: 0 }
    this.#pending.set(message.seq, pending)
    return pending
  }

  #await(pending: Pending): void {
    const wait = ++pending.wait
    after(this.plan.ackWaitMs, () => {
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
