// Owns a delivery whose time is made: minutes pass in moments, and each run is the same. Slack and the bucket are in
// memory; everything between them is what runs in production.
import { setImmediate } from 'node:timers/promises'
import type { RolloutTransition } from '@hermod/contracts'
import type { Bucket } from '@hermod/jetstream'
import { createLogger, createMetrics, createScrubber, type Metrics } from '@hermod/runtime'
import { createCardStore } from '../src/card-store.ts'
import { createChannels } from '../src/channels.ts'
import { deliverCards } from '../src/deliver-cards.ts'
import { createNotifierMetrics } from '../src/notifier-metrics.ts'
import type { Failure, SlackClient } from '../src/slack-client.ts'
import { takeInTransition } from '../src/take-in-transitions.ts'
import type { Time } from '../src/time.ts'
import { createTokenGate } from '../src/token-gate.ts'

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
  readonly metrics: Metrics
}

/** How a call ends other than well; `stored` = Slack carried it out all the same, `afterMs` = so late. */
export type Trouble = (
  call: VirtualCall,
) => { readonly answer: Failure; readonly stored?: true; readonly afterMs?: number } | undefined

export function startVirtualBed(trouble: Trouble, defaultChannel = 'C000000000'): VirtualBed {
  const time = new VirtualTime()
  const ending = new AbortController()
  const { signal } = ending
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
    find: async ({ channel, key }) =>
      await call({ method: 'find', channel, key, text: '' }, () => {
        const found = messages.find((each) => each.channel === channel && each.key === key)
        return found ? { ts: found.ts, ...(found.word && { word: found.word }) } : {}
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
  const memory = { refresh: async () => undefined, since: Number.NEGATIVE_INFINITY, askedAt: 0 }
  const store = createCardStore(memoryBucket(), memoryBucket(), signal)
  const delivery = deliverCards({
    ...shared,
    time,
    term: { epoch: 1, signal, valid: () => !signal.aborted },
    slack,
    store,
    memory,
    channels: createChannels(memoryBucket(), slack),
    gate: createTokenGate(slack, () => 'token', log, signal),
    publisher: { publish: async () => ({ stream: 'DELIVERIES', sequence: 1, duplicate: false }) },
    fallbackChannel: undefined,
    editsPerMinute: 50,
    readBackWaitMs: 5_000,
    callTimeoutMs: 10_000,
  })
  return {
    time,
    calls,
    metrics,
    texts: (channel) => messages.filter((each) => each.channel === channel).map(({ text }) => text),
    async take(transition) {
      await takeInTransition(transition, {
        ...shared,
        store,
        memory,
        delivery,
        now: () => time.date().getTime(),
      })
    },
    async [Symbol.asyncDispose]() {
      ending.abort(new Error('the test is over'))
      await delivery[Symbol.asyncDispose]()
    },
  }
}

function memoryBucket<T>(): Bucket<T> {
  const entries = new Map<string, { readonly value: T; readonly kvRevision: number }>()
  let revision = 0
  return {
    load: async (key) => entries.get(key),
    async save(key, value, kvRevision) {
      if (entries.get(key)?.kvRevision !== kvRevision) return undefined
      entries.set(key, { value, kvRevision: ++revision })
      return revision
    },
    async remove(key, kvRevision) {
      if (kvRevision !== undefined && entries.get(key)?.kvRevision !== kvRevision) return false
      return entries.delete(key)
    },
    keys: async () => [...entries.keys()],
    newest: async () => revision,
    onWritten: () => ({ [Symbol.dispose]: () => undefined }),
  }
}
