// Owns the delivery of one term: a worker for each channel, and what they share.
// V1. Whatever is open in KV is brought to its channel, whoever opened it.
// V2. A card that changes is handed over in memory; KV is read only at the start of a term.
// V3. At the end of the term no send begins; what is under way is waited for.
import { encodeEvent, receiptVersion, deliverySubject } from '@hermod/contracts'
import type { Publisher, Term } from '@hermod/jetstream'
import type { Logger } from '@hermod/runtime'
import { noticeKey } from './card-keys.ts'
import type { CardStore } from './card-store.ts'
import { ChannelWorker } from './channel-worker.ts'
import type { Channels } from './channels.ts'
import type { Delivered, DeliveryContext } from './delivery-context.ts'
import { EditQueue } from './edit-queue.ts'
import { Budgets } from './notification/budgets.ts'
import { type Card, cardVersion, emptyPlace, type Sent } from './notification/card.ts'
import type { View } from './notification/plan.ts'
import type { RenderSettings } from './notification/render-settings.ts'
import type { NotifierMetrics } from './notifier-metrics.ts'
import type { SlackClient } from './slack-client.ts'
import type { TokenGate } from './token-gate.ts'
import type { OpenCard } from './turns.ts'

export interface DeliveryOptions {
  readonly term: Term
  readonly slack: SlackClient
  readonly store: CardStore
  readonly channels: Channels
  readonly gate: TokenGate
  readonly publisher: Publisher
  readonly partitions: number
  readonly metrics: NotifierMetrics
  readonly log: Logger
  readonly settings: RenderSettings
  readonly fallbackChannel: string | undefined
  readonly editsPerMinute: number
  readonly readBackWaitMs: number
  /** Longest that a call to Slack takes. */
  readonly callTimeoutMs: number
}

export interface Delivery extends AsyncDisposable {
  /** Takes over a card that may have something to tell. */
  offer(key: string, card: Card): void
  readonly depth: number
  readonly oldestMs: number
  /** Channels that cannot take cards now. */
  readonly parked: readonly string[]
}

const resolveAgainMs = 5_000

export function deliverCards(options: DeliveryOptions): Delivery {
  return new Deliveries(options)
}

class Deliveries implements Delivery {
  readonly #options: DeliveryOptions
  readonly #workers = new Map<string, ChannelWorker>()
  readonly #background = new Set<Promise<unknown>>()
  readonly #context: DeliveryContext

  constructor(options: DeliveryOptions) {
    const { term, slack, store, gate, metrics, log, readBackWaitMs, callTimeoutMs, editsPerMinute } = options
    this.#options = options
    this.#context = {
      term,
      signal: term.signal,
      slack,
      store,
      gate,
      metrics,
      log,
      budgets: new Budgets({ editsPerMinute }),
      edits: new EditQueue(),
      readBackWaitMs,
      foreignIntentMs: readBackWaitMs + callTimeoutMs,
      viewOf: (card) => this.#viewOf(card),
      delivered: (what) => this.#delivered(what),
      moved: async (open, channel, reason) => await this.#moved(open, channel, reason),
      parked: async (open, reason) => await this.#tellParked(open, reason),
      unparked: (open) => this.#forgetNotice(open),
      inBackground: (work) => this.#inBackground(work),
    }
    gate.onOpen(() => {
      for (const worker of this.#workers.values()) worker.wake()
    })
    this.#inBackground(this.#resume())
  }

  offer(key: string, card: Card): void {
    for (const place of Object.keys(card.places)) this.#offerPlace(key, place, card)
  }

  get depth(): number {
    return this.#openCards().length
  }

  get oldestMs(): number {
    const now = performance.now()
    return Math.max(0, ...this.#openCards().map(({ since }) => now - since))
  }

  get parked(): readonly string[] {
    return [...this.#workers.values()].filter(({ isParked }) => isParked).map(({ channel }) => channel)
  }

  #openCards(): OpenCard[] {
    return [...this.#workers.values()].flatMap(({ open }) => [...open.values()])
  }

  async #resume(): Promise<void> {
    const { store } = this.#options
    for (const key of await store.openCards()) {
      const card = await store.load(key)
      if (card) this.offer(key, card)
    }
  }

  #offerPlace(key: string, place: string, card: Card): void {
    const known = this.#options.channels.known(place)
    if (known !== undefined) this.#worker(known).offer(key, place, card)
    else this.#inBackground(this.#resolveAndOffer(key, place))
  }

  async #resolveAndOffer(key: string, place: string): Promise<void> {
    const { channels, store, term } = this.#options
    for (;;) {
      const id = await channels.resolve(place)
      if (term.signal.aborted) return
      if (id !== undefined) {
        const card = await store.load(key)
        if (card) this.#worker(id).offer(key, place, card)
        return
      }
      await new Promise((resolve) => setTimeout(resolve, resolveAgainMs))
    }
  }

  #worker(channel: string): ChannelWorker {
    const worker = this.#workers.get(channel) ?? new ChannelWorker(channel, this.#context)
    this.#workers.set(channel, worker)
    return worker
  }

  #viewOf(_card: Card): View {
    return { settings: this.#options.settings, permalink: (sent) => this.#permalink(sent) }
  }

  #permalink({ channel, ts }: Sent): string | undefined {
    const { url } = this.#options.gate
    return url === undefined ? undefined : `${url}archives/${channel}/p${ts.replace('.', '')}`
  }

  #delivered({ open, action, channel, ts }: Delivered): void {
    const { metrics, log, channels, publisher, partitions } = this.#options
    metrics.sent.with({ action }).inc()
    if (open.place !== channel) this.#inBackground(channels.learn(open.place, channel))
    const { story } = open.card
    log.info({ card: open.key, channel, ts, action }, 'Slack has it')
    if (story.kind !== 'rollout') return
    const { shown } = story
    const { cluster, namespace, name, uid, attempt } = shown.rollout
    const now = new Date()
    metrics.latency.observe(Math.max(0, now.getTime() - Date.parse(shown.at)) / 1000)
    const key = { cluster, namespace, name, uid, attempt }
    const id = `${open.key}.${channel}.${ts}.${story.epoch}.${story.n}.${action}`
    const body = encodeEvent({
      id,
      type: 'delivery',
      source: `/hermod/notifier/${cluster}`,
      subject: `${namespace}/${name}`,
      time: now.toISOString(),
      data: {
        version: receiptVersion,
        ...key,
        kind: shown.kind,
        action,
        channel,
        ts,
        at: shown.at,
        deliveredAt: now.toISOString(),
      },
    })
    this.#inBackground(publisher.publish({ subject: deliverySubject(key, partitions), id, body }))
  }

  async #moved(open: OpenCard, channel: string, reason: string): Promise<boolean> {
    if (reason !== 'channel_not_found' || channel === open.place) return false
    const id = await this.#options.channels.renew(open.place)
    if (id === undefined || id === channel || id === open.place) return false
    this.#worker(id).offer(open.key, open.place, open.card)
    return true
  }

  async #tellParked({ key, place, card }: OpenCard, problem: string): Promise<void> {
    const { fallbackChannel, store, log } = this.#options
    log.error(
      { channel: place, card: key, problem },
      'the channel cannot take cards: they are kept and tried again',
    )
    if (fallbackChannel === undefined || fallbackChannel === place || card.story.kind === 'notice') return
    const notice = noticeKey(place, problem)
    const { story } = card
    const about = story.kind === 'rollout' ? story.shown.rollout : story.items[0]?.transition.rollout
    const stored = await store.change(
      notice,
      (before) =>
        before ?? {
          version: cardVersion,
          story: { kind: 'notice', channel: place, problem, example: `${about?.namespace}/${about?.name}` },
          places: { [fallbackChannel]: emptyPlace },
          touchedAt: new Date().toISOString(),
        },
    )
    await store.markOpen(notice, [fallbackChannel])
    if (stored) this.offer(notice, stored)
  }

  #forgetNotice({ place, card }: OpenCard): void {
    const reason = card.places[place]?.parked?.reason
    if (reason !== undefined)
      this.#inBackground(this.#options.store.forget(noticeKey(place, reason), () => true))
  }

  #inBackground(work: Promise<unknown>): void {
    const { log, term } = this.#options
    const watched = work
      .catch((error: unknown) => {
        if (!term.signal.aborted) log.error({ err: error }, 'work behind a delivery failed')
      })
      .finally(() => this.#background.delete(watched))
    this.#background.add(watched)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#workers.values()].map(async ({ ended }) => await ended))
    await Promise.all(this.#background)
  }
}
