import type { SlackArguments } from './arguments.ts'

/** One request as Slack saw it. The token itself stands nowhere in it. */
export interface SlackCall {
  /** Rises from 1 in order of arrival. */
  readonly id: number
  readonly method: string
  readonly args: SlackArguments
  /** The channel's id where Slack knows it, else what was asked for. */
  readonly channel?: string
  /** The token's name, or `unknown`, or `none`. */
  readonly token: string
  /** Unix ms, from the stand-in's clock. */
  readonly at: number
  readonly endedAt?: number
  /** `pending`, `ok`, Slack's error code, the label or kind of the fault in its place, or `broken off: …`. */
  readonly outcome: string
  /** HTTP status; absent if none was sent. */
  readonly status?: number
  /** The ts of a message that this call posted, edited or deleted, whatever its sender was told. */
  readonly changed?: string
}

/** Every call, who waits for one, and how many writes were under way at once. */
export class CallLog {
  readonly calls: SlackCall[] = []
  readonly maxConcurrentPerChannel: Map<string, number> = new Map()
  readonly #underWay = new Map<string, number>()
  readonly #kept: number
  #lastId = 0
  readonly #listeners = new Set<(call: SlackCall) => void>()

  /** Of more than `kept` calls the oldest are forgotten. */
  constructor(kept: number = Number.POSITIVE_INFINITY) {
    this.#kept = kept
  }

  /** Calls `listener` at each arrival and at each end. Returns what ends that. */
  listen(listener: (call: SlackCall) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  began(call: Omit<SlackCall, 'id' | 'outcome'>): Writable<SlackCall> {
    const logged: Writable<SlackCall> = { ...call, id: ++this.#lastId, outcome: 'pending' }
    this.calls.push(logged)
    if (this.calls.length > this.#kept) this.calls.shift()
    const running = this.#count(logged, 1)
    if (running > 0 && logged.channel !== undefined) {
      const most = Math.max(running, this.maxConcurrentPerChannel.get(logged.channel) ?? 0)
      this.maxConcurrentPerChannel.set(logged.channel, most)
    }
    this.#tell(logged)
    return logged
  }

  ended(call: Writable<SlackCall>, how: Pick<Writable<SlackCall>, 'outcome' | 'endedAt' | 'status'>): void {
    Object.assign(call, how)
    this.#count(call, -1)
    this.#tell(call)
  }

  /** The first call that matches, also one of the past. Rejects with what came instead. */
  async waitFor(matches: (call: SlackCall) => boolean, timeoutMs: number): Promise<SlackCall> {
    const past = this.calls.find(matches)
    if (past) return past
    const { promise, resolve, reject } = Promise.withResolvers<SlackCall>()
    const stop = this.listen((call) => matches(call) && resolve(call))
    const timer = setTimeout(() => {
      const seen = this.calls
        .slice(-10)
        .map(({ method, channel, outcome }) => `${method} ${channel ?? ''} ${outcome}`)
      reject(
        new Error(
          `No such call within ${timeoutMs} ms. The last of ${this.calls.length}: ${seen.join(', ')}`,
        ),
      )
    }, timeoutMs)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      stop()
    }
  }

  #tell(call: SlackCall): void {
    for (const listener of this.#listeners) listener(call)
  }

  /** How many writes to the call's channel are under way with it; 0 for a read. */
  #count({ method, channel }: SlackCall, change: 1 | -1): number {
    if (channel === undefined || !['chat.postMessage', 'chat.update', 'chat.delete'].includes(method))
      return 0
    const running = (this.#underWay.get(channel) ?? 0) + change
    this.#underWay.set(channel, running)
    return running
  }
}

export type Writable<T> = { -readonly [K in keyof T]: T[K] }
