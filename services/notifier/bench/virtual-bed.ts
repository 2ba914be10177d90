// Owns a delivery whose time is made: minutes pass in moments, and each run is the same. Slack and NATS are in memory;
// everything between them is what runs in production.
import { setImmediate } from 'node:timers/promises'
import type { RolloutTransition } from '@hermod/contracts'
import { createLogger, createMetrics, createScrubber, type Metrics } from '@hermod/runtime'
import { createCardStore } from '../src/card-store.ts'
import { createChannels } from '../src/channels.ts'
import { deliverCards } from '../src/deliver-cards.ts'
import { rememberIn } from '../src/memory.ts'
import { createNotifierMetrics } from '../src/notifier-metrics.ts'
import type { Failure, SlackClient } from '../src/slack-client.ts'
import { takeInTransition } from '../src/take-in-transitions.ts'
import type { Time } from '../src/time.ts'
import { createTokenGate } from '../src/token-gate.ts'
import { VirtualNats } from './virtual-nats.ts'

const partitions = 16
/** Where virtual time begins. */
const epoch = Date.parse('2026-11-21T14:00:00Z')

export class VirtualTime implements Time {
  #now = 0
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()

  now(): number {
    return this.#now
  }

  date(): Date {
    return new Date(epoch + this.#now)
  }

  /** How many sleep now. */
  get asleep(): number {
    return this.#sleepers.size
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sleeper = { at: this.#now + ms, wake: resolve }
    this.#sleepers.add(sleeper)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    try {
      await promise
    } finally {
      this.#sleepers.delete(sleeper)
    }
  }

  /** Lets so many ms pass, with all that happens in them. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await quiet()
      const next = [...this.#sleepers].toSorted((a, b) => a.at - b.at)[0]
      if (next === undefined || next.at > end) break
      this.#now = Math.max(this.#now, next.at)
      this.#sleepers.delete(next)
      next.wake()
    }
    this.#now = end
  }
}

// Nothing here waits for more than a turn or two of the event loop.
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await setImmediate()
}

export interface VirtualCall {
  readonly method: 'post' | 'edit' | 'find'
  readonly channel: string
  readonly key: string
  readonly text: string
  /** Virtual ms. */
  readonly at: number
}

export interface VirtualBed extends AsyncDisposable {
  readonly time: VirtualTime
  readonly calls: readonly VirtualCall[]
  /** The texts that stand in a channel now. */
  texts(channel: string): string[]
  take(transition: RolloutTransition): Promise<void>
  /** The bucket `cards`. */
  readonly nats: VirtualNats
  /** What was published as delivered. */
  readonly receipts: readonly Receipt[]
  /** Ends the term of the lease and begins the next. */
  nextTerm(): void
  /** The same, by a kill: what is under way may never end. */
  kill(): void
  /** How many cards are open in this term. */
  readonly depth: number
  readonly metrics: Metrics
}

export interface Receipt {
  readonly kind: string
  readonly action: string
}

/** How a call ends other than well at once; `stored` = Slack carries it out, without `answer` says so, `afterMs` late. */
export type Trouble = (
  call: VirtualCall,
) => { readonly answer?: Failure; readonly stored?: true; readonly afterMs?: number } | undefined

export function startVirtualBed(
  trouble: Trouble,
  defaultChannel = 'C000000000',
  fallbackChannel?: string,
): VirtualBed {
  const time = new VirtualTime()
  const ending = new AbortController()
  const nats = new VirtualNats()
  const receipts: Receipt[] = []
  const calls: VirtualCall[] = []
  const messages: { channel: string; key: string; word?: number; ts: string; text: string }[] = []

  const call = async <T>(about: Omit<VirtualCall, 'at'>, carryOut: () => T) => {
    const made = { ...about, at: time.now() }
    calls.push(made)
    const ended = trouble(made)
    const done = ended === undefined || ended.stored ? carryOut() : undefined
    if (ended?.afterMs !== undefined) await time.sleep(ended.afterMs)
    return ended?.answer ?? { kind: 'delivered' as const, ...(done as T) }
  }
  const slack: SlackClient = {
    post: async ({ channel, key, word, message: { text } }) =>
      await call({ method: 'post', channel, key, text }, () => {
        const ts = `${messages.length + 1}.000100`
        messages.push({ channel, key, ...(word && { word }), ts, text })
        return { channel, ts }
      }),
    edit: async (channel, ts, { text }) =>
      await call({ method: 'edit', channel, key: ts, text }, () => {
        const message = messages.find((each) => each.channel === channel && each.ts === ts)
        if (message) message.text = text
        return {}
      }),
    find: async ({ channel, keys }) =>
      await call({ method: 'find', channel, key: keys.join(' '), text: '' }, () => {
        const found = messages.filter((each) => each.channel === channel && keys.includes(each.key))
        return { messages: new Map(found.map(({ key, ts, word }) => [key, { ts, ...(word && { word }) }])) }
      }),
    listChannels: async () => ({ kind: 'delivered', ids: new Map() }),
    identify: async () => ({ kind: 'delivered', url: 'https://acme.slack.com/' }),
    [Symbol.asyncDispose]: async () => undefined,
  }

  const write = (): void => undefined
  const log = createLogger({ service: 'notifier', level: 'error', scrubber: createScrubber(), write })
  const metrics = createMetrics({ processMetrics: false })
  const figures = {
    depth: () => 0,
    oldestSeconds: () => 0,
    parkedChannels: () => 0,
    refusedChannels: () => 0,
  }
  const settings = {
    style: 'card' as const,
    linkTemplates: [],
    linkHostsAllowed: undefined,
    defaultChannels: [defaultChannel],
    channelsAllowed: undefined,
    teamMentions: new Map<string, string>(),
  }
  const shared = { metrics: createNotifierMetrics(metrics, figures), log, partitions, settings }
  const memory = rememberIn({ bucket: nats.bucket(), connection: nats, time, signal: ending.signal })
  const startTerm = () => {
    const over = new AbortController()
    const { signal } = over
    memory.renew().catch(() => undefined)
    const store = createCardStore({
      cards: nats.bucket(),
      marks: nats.bucket(),
      connection: nats,
      signal: ending.signal,
      termSignal: signal,
      saw: memory.saw,
    })
    const delivery = deliverCards({
      ...shared,
      time,
      term: { epoch: 1, signal, valid: () => !signal.aborted },
      slack,
      store,
      memory,
      channels: createChannels(nats.bucket(), slack),
      gate: createTokenGate(slack, () => 'token', log, signal),
      publisher: {
        async publish({ body }) {
          receipts.push(JSON.parse(Buffer.from(body).toString()).data)
          return { stream: 'DELIVERIES', sequence: 1, duplicate: false }
        },
      },
      fallbackChannel,
      editsPerMinute: 50,
      readBackWaitMs: 5_000,
      callTimeoutMs: 10_000,
    })
    return { over, store, delivery }
  }
  let term = startTerm()
  const ended: PromiseLike<void>[] = []
  const endTerm = (): void => {
    term.over.abort(new Error('the term is over'))
    ended.push(term.delivery[Symbol.asyncDispose]())
  }
  return {
    time,
    calls,
    nats,
    receipts,
    metrics,
    get depth() {
      return term.delivery.depth
    },
    texts: (channel) => messages.filter((each) => each.channel === channel).map(({ text }) => text),
    async take(transition) {
      const { store, delivery } = term
      const now = (): number => time.date().getTime()
      await takeInTransition(transition, { ...shared, store, memory, delivery, now })
    },
    nextTerm() {
      endTerm()
      term = startTerm()
    },
    kill() {
      term.over.abort(new Error('killed'))
      term = startTerm()
    },
    async [Symbol.asyncDispose]() {
      endTerm()
      await Promise.all(ended)
      ending.abort(new Error('the test is over'))
    },
  }
}
