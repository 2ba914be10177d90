// Owns the delivery of one term: a worker for each channel, and what they share.
// V1. Whatever is open in KV is brought to its channel, whoever opened it.
// V2. A card that changes is handed over in memory; KV is read only at the start of a term.
// V3. At the end of the term no send begins; what is under way is waited for.
// V4. A channel that failed tries again after a while, each by itself; when Slack is back after an outage, all do at once.
import type { Publisher, Term } from '@hermod/jetstream'
import { traceFields } from './card-trace.ts'
import { ChannelWorker } from './channel-worker.ts'
import type { Channels } from './channels.ts'
import type { Delivered, DeliveryContext } from './delivery-context.ts'
import { Digests, isGathered } from './digests.ts'
import { EditQueue } from './edit-queue.ts'
import { loadLeftOpen } from './left-open.ts'
import { Notices } from './notices.ts'
import { Budgets } from './notification/budgets.ts'
import type { Card, Sent } from './notification/card.ts'
import { changePlace, intend } from './notification/place-steps.ts'
import { planPlace, type View } from './notification/plan.ts'
import type { RenderSettings } from './notification/render-settings.ts'
import { Outage } from './outage.ts'
import { exampleOf } from './parked-cards.ts'
import { receiptOf } from './receipts.ts'
import { Successors } from './successors.ts'
import { realTime, type Time } from './time.ts'
import type { OpenCard } from './turns.ts'

type Shared = 'slack' | 'store' | 'gate' | 'memory' | 'metrics' | 'log' | 'readBackWaitMs'

export interface DeliveryOptions extends Pick<DeliveryContext, Shared> {
  readonly term: Term
  readonly channels: Channels
  readonly publisher: Publisher
  readonly partitions: number
  readonly settings: RenderSettings
  readonly fallbackChannel: string | undefined
  readonly editsPerMinute: number
  /** Longest that a call to Slack takes. */
  readonly callTimeoutMs: number
  readonly time?: Time
}

export interface Delivery extends AsyncDisposable {
  /**
   * Begins whatever this card needs that may go at once. What it returns is to be stored, with the intents of posts in
   * it: they go as soon as `stored` is fulfilled with it.
   */
  begin(key: string, card: Card, stored: Promise<Card | undefined>): Card
  /** Takes over a card that may have something to tell. */
  offer(key: string, card: Card): void
  /** An annotation names a channel that cannot be used; `example` is who wanted it, `instead` where it is told. */
  refuse(channel: string, problem: string, example: string, instead: readonly string[]): Promise<void>
  /** The channels that do not have this card yet as it is. */
  lacking(key: string, card: Card): readonly string[]
  /** Tries at once what is parked in this channel, by name or id; '' = in all of them. */
  retry(channel: string): void
  readonly depth: number
  readonly oldestMs: number
  /** Channels that cannot take cards now, each with the reason. */
  readonly parked: readonly string[]
  /** Channels that annotations named lately and that cannot be used, each with the problem. */
  readonly refused: readonly string[]
}

const resolveAgainMs = 5_000

export function deliverCards(options: DeliveryOptions): Delivery {
  return new Deliveries(options)
}

class Deliveries implements Delivery {
  readonly #options: DeliveryOptions
  readonly #time: Time
  readonly #workers = new Map<string, ChannelWorker>()
  readonly #background = new Set<Promise<unknown>>()
  readonly #context: DeliveryContext
  readonly #notices: Notices
  readonly #digests: Digests
  readonly #successors: Successors
  readonly #outage = new Outage()

  constructor(options: DeliveryOptions) {
    const { term, slack, store, memory, gate, metrics, log, readBackWaitMs, callTimeoutMs, editsPerMinute } =
      options
    const inBackground = (work: Promise<unknown>): void => this.#inBackground(work)
    const offer = (key: string, card: Card): void => this.offer(key, card)
    const wakeAll = (): void => {
      for (const worker of this.#workers.values()) worker.wake()
    }
    this.#options = options
    this.#time = options.time ?? realTime
    const lacking = (key: string, card: Card): readonly string[] => this.lacking(key, card)
    this.#notices = new Notices({ ...options, time: this.#time, offer, lacking })
    this.#digests = new Digests({
      store,
      time: this.#time,
      log,
      signal: term.signal,
      inBackground,
      single: (...card) => this.#toWorker(...card),
    })
    this.#successors = new Successors(store, options.partitions, this.#time, term.signal)
    this.#context = {
      term,
      signal: term.signal,
      slack,
      store,
      gate,
      time: this.#time,
      metrics,
      log,
      budgets: new Budgets({ editsPerMinute }),
      edits: new EditQueue(),
      readBackWaitMs,
      foreignIntentMs: readBackWaitMs + callTimeoutMs,
      memory,
      offer,
      viewOf: (card, place) => this.#viewOf(card, place),
      answered: () => {
        gate.reached()
        if (this.#outage.answered(this.#time.now())) wakeAll()
      },
      unanswered: (reason) => {
        gate.unreachable(reason)
        this.#outage.unanswered(this.#time.now())
      },
      delivered: (what) => this.#delivered(what),
      found: ({ key, place }, sent) => this.#successors.posted(key, place, sent),
      moved: async (open, channel, reason) => await this.#moved(open, channel, reason),
      parked: async ({ place, card }, reason) => {
        if (card.story.kind !== 'notice') await this.#notices.tell(place, reason, exampleOf(card))
      },
      unparked: ({ place, card }) => {
        const reason = card.places[place]?.parked?.reason
        if (reason !== undefined) inBackground(this.#notices.forget(place, reason))
      },
      inBackground,
    }
    gate.onOpen(wakeAll, term.signal)
    inBackground(this.#resume())
  }

  begin(key: string, card: Card, stored: Promise<Card | undefined>): Card {
    let begun = card
    for (const place of Object.keys(card.places)) {
      const channel = this.#options.channels.known(place)
      const isAlone = !isGathered(card, place) && !this.#successors.awaits(card, place)
      if (channel === undefined || !isAlone || this.#workers.get(place)?.has(key, place)) continue
      const intent = this.#worker(channel).begin(key, place, card, stored)
      if (intent) begun = changePlace(begun, place, intend(intent))
    }
    return begun
  }

  offer(key: string, card: Card): void {
    for (const place of Object.keys(card.places)) {
      if (card.story.kind === 'rollout' && card.story.hidden) this.#successors.silent(key, place)
      if (this.#digests.takes(key, place, card)) continue
      if (this.#successors.awaits(card, place)) this.#inBackground(this.#offerLinked(key, place, card))
      else this.#toWorker(key, place, card)
    }
  }

  lacking(key: string, card: Card): readonly string[] {
    return Object.entries(card.places).flatMap(([channel, place]) =>
      planPlace(key, card, place, this.#viewOf(card, channel)).kind === 'nothing' ? [] : channel,
    )
  }

  async refuse(...refused: Parameters<Delivery['refuse']>): Promise<void> {
    await this.#notices.refuse(...refused)
  }

  retry(channel: string): void {
    for (const worker of this.#workers.values()) if (channel === '' || worker.goesBy(channel)) worker.retry()
  }

  get depth(): number {
    return this.#openCards().length + this.#digests.waiting
  }

  get oldestMs(): number {
    const now = this.#time.now()
    return Math.max(0, ...this.#openCards().map(({ since }) => now - since))
  }

  get parked(): readonly string[] {
    return [...this.#workers.values()].flatMap(({ parkedFor }) => parkedFor ?? [])
  }

  get refused(): readonly string[] {
    return this.#notices.refused
  }

  #openCards(): OpenCard[] {
    return [...this.#workers.values()].flatMap(({ open }) => [...open.values()])
  }

  async #resume(): Promise<void> {
    const { store, memory } = this.#options
    await memory.refresh()
    const keys = await store.openCards()
    for (const key of keys) {
      const card = await loadLeftOpen(key, this.#context)
      if (card?.story.kind !== 'digest') continue
      for (const place of Object.keys(card.places)) await this.#digests.markMembers(card.story, place)
    }
    for (const key of keys) {
      const card = await loadLeftOpen(key, this.#context)
      if (card) this.offer(key, card)
    }
  }

  async #offerLinked(key: string, place: string, card: Card): Promise<void> {
    const { store, term } = this.#options
    await this.#successors.arrival(card, place)
    const present = await store.load(key)
    if (present && !term.signal.aborted) this.#toWorker(key, place, present)
  }

  #toWorker(key: string, place: string, card: Card): void {
    // Whoever began with a card by its channel's name ends with it, though the id is known by now.
    const byName = this.#workers.get(place)
    const known = this.#options.channels.known(place)
    if (byName?.has(key, place)) byName.offer(key, place, card)
    else if (known !== undefined) this.#worker(known).offer(key, place, card)
    else this.#inBackground(this.#resolveAndOffer(key, place))
  }

  async #resolveAndOffer(key: string, place: string): Promise<void> {
    const { channels, store, term } = this.#options
    const rest = async (): Promise<void> => await this.#time.sleep(resolveAgainMs, term.signal)
    const id = await channels.whenResolved(place, rest)
    const card = await store.load(key)
    if (card && !term.signal.aborted) this.#worker(id).offer(key, place, card)
  }

  #worker(channel: string): ChannelWorker {
    const worker = this.#workers.get(channel) ?? new ChannelWorker(channel, this.#context)
    this.#workers.set(channel, worker)
    return worker
  }

  #viewOf(card: Card, place: string): View {
    const next = this.#successors.of(card, place)
    return {
      settings: this.#options.settings,
      permalink: (sent) => this.#permalink(sent),
      ...(next && { successor: this.#permalink(next) }),
    }
  }

  #permalink({ channel, ts }: Pick<Sent, 'channel' | 'ts'>): string | undefined {
    const { url } = this.#options.gate
    return url === undefined ? undefined : `${url}archives/${channel}/p${ts.replace('.', '')}`
  }

  #delivered(what: Delivered): void {
    const { metrics, log, channels, publisher, partitions } = this.#options
    const { open, story, action, channel, ts } = what
    metrics.sent.with({ action }).inc()
    if (open.place !== channel && channels.known(open.place) !== channel) {
      metrics.postedByName.inc()
      this.#inBackground(channels.learn(open.place, channel))
    }
    log.info({ ...traceFields({ story }), card: open.key, channel, ts, action }, 'Slack has it')
    if (action === 'posted') this.#successors.posted(open.key, open.place, { channel, ts, print: '' })
    if (story.kind !== 'rollout') return
    const now = this.#time.date()
    metrics.latency.observe(Math.max(0, now.getTime() - Date.parse(story.shown.at)) / 1000)
    this.#inBackground(publisher.publish(receiptOf(what, story, now, partitions)))
  }

  async #moved(open: OpenCard, channel: string, reason: string): Promise<boolean> {
    if (reason !== 'channel_not_found' || channel === open.place) return false
    const id = await this.#options.channels.renew(open.place)
    if (id === undefined || id === channel || id === open.place) return false
    this.#worker(id).offer(open.key, open.place, open.card)
    return true
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
    this.#digests.stop()
    await Promise.all([...this.#workers.values()].map(async ({ ended }) => await ended))
    await Promise.all(this.#background)
  }
}
