// Owns what is open in one channel, and whose turn it is.
// D1. One send is under way at a time; what is most urgent goes first, the older of two equals.
import { Alarm } from './alarm.ts'
import { type Beginning, ChannelSender } from './channel-sender.ts'
import type { DeliveryContext } from './delivery-context.ts'
import type { Card, Intent, Sent } from './notification/card.ts'
import { type Need, planPlace } from './notification/plan.ts'
import { Lookup, type Sought } from './read-back.ts'
import { chooseTurn, type OpenCard, openCard } from './turns.ts'

export class ChannelWorker {
  /** Slack's id, or the name where it is not known. */
  readonly channel: string
  readonly #context: DeliveryContext
  readonly #open = new Map<string, OpenCard>()
  readonly #lookup: Lookup
  readonly #sender: ChannelSender
  readonly #alarm: Alarm
  readonly #loop: Promise<void>
  #isSending = false
  #begun: { readonly open: OpenCard; readonly at: number; readonly beginning: Beginning } | undefined

  constructor(channel: string, context: DeliveryContext) {
    const update = (open: OpenCard, card: Card | undefined): void => this.#update(open, card)
    const plan = (open: OpenCard, card: Card): Need => this.#plan(open, card)
    this.channel = channel
    this.#context = context
    this.#alarm = new Alarm(context.time)
    this.#lookup = new Lookup(channel, context, (...settled) => this.#lookedUp(...settled))
    this.#sender = new ChannelSender({ channel, context, lookup: this.#lookup, plan, update })
    this.#loop = this.#run()
  }

  get open(): ReadonlyMap<string, OpenCard> {
    return this.#open
  }

  /** Its name and why it takes no cards; undefined when it takes them. */
  get parkedFor(): string | undefined {
    if (!this.#sender.isParked) return undefined
    const known = [...this.#open.values()].find(({ place, card }) => card.places[place]?.parked)
    const reason = known?.card.places[known.place]?.parked?.reason
    return [known?.place ?? this.channel, reason].filter(Boolean).join(' ')
  }

  /** Look again: what stood in the way is gone. */
  wake(): void {
    this.#sender.goOn()
    this.#lookup.goOn()
    this.#alarm.ring()
  }

  /** Somebody has mended what parked the channel, or a card in it. */
  retry(): void {
    this.#sender.unpark()
    for (const open of this.#open.values())
      if (open.card.places[open.place]?.parked) open.restUntil = -Infinity
    this.wake()
  }

  goesBy(channel: string): boolean {
    return channel === this.channel || [...this.#open.values()].some(({ place }) => place === channel)
  }

  get ended(): Promise<void> {
    return this.#loop
  }

  has(key: string, place: string): boolean {
    return this.#open.has(idOf(key, place))
  }

  /** Takes a card to be brought to this channel; `place` is the channel as the card names it. */
  offer(key: string, place: string, card: Card): void {
    const known = this.#open.get(idOf(key, place))
    const open = known ?? openCard(key, place, card, this.#context.time.now())
    if (!known?.isSending && (known?.need.kind === 'edit' || known?.need.kind === 'post'))
      this.#context.metrics.coalesced.inc()
    this.#open.set(idOf(key, place), open)
    this.#update(open, card)
  }

  /**
   * Takes a card that is about to be stored, if what it needs may go at once. A post goes when the card is stored with
   * the intent that is returned.
   */
  begin(key: string, place: string, card: Card, stored: Promise<Card | undefined>): Intent | undefined {
    if (this.#isSending || this.#begun || this.has(key, place)) return undefined
    const open = openCard(key, place, card, this.#context.time.now())
    open.need = this.#plan(open, card)
    if (this.#nextTurn(open).open !== open) return undefined
    open.isSending = true
    const beginning = this.#sender.begin(open, stored)
    this.#open.set(idOf(key, place), open)
    this.#begun = { open, at: beginning.startedAt, beginning }
    this.#alarm.ring()
    return beginning.post?.intent
  }

  async #run(): Promise<void> {
    const { signal, edits, log } = this.#context
    // Whoever offers the first card is not to wait for it to be sent.
    await Promise.resolve()
    while (!signal.aborted) {
      const begun = this.#begun
      const { open, at } = begun ?? this.#nextTurn()
      if (open === undefined) {
        await this.#alarm.wait(at, signal)
        continue
      }
      this.#begun = undefined
      edits.want(this.#alarm.ring, undefined)
      try {
        await this.#send(open, begun?.beginning)
      } catch (error) {
        if (signal.aborted) break
        log.error({ err: error, channel: this.channel, card: open.key }, 'delivery failed, trying on')
        this.#sender.backOff()
        this.#update(open, open.card)
      }
    }
    edits.want(this.#alarm.ring, undefined)
    await this.#lookup.ended
  }

  async #send(open: OpenCard, beginning: Beginning | undefined): Promise<void> {
    this.#isSending = true
    open.isSending = true
    try {
      await this.#sender.send(open, beginning)
    } finally {
      this.#isSending = false
      open.isSending = false
      // What came meanwhile may have to be looked for, or ask for nothing but what was on its way.
      this.#lookUp(open)
      this.#settleIfDone(open)
    }
  }

  /** Whose turn it is among the open cards and `another`, or when to look again. */
  #nextTurn(another?: OpenCard): { readonly open?: OpenCard; readonly at: number } {
    const { gate, budgets, edits, metrics, time } = this.#context
    const now = time.now()
    if (gate.closedFor !== undefined) return { at: Infinity }
    const { blockedUntil } = this.#sender
    if (blockedUntil > now) return { at: blockedUntil }
    return chooseTurn([...this.#open.values(), ...(another ? [another] : [])], {
      now,
      channel: this.channel,
      budgets,
      newsWaitMs: edits.newsWaitMs(now),
      isFirst: (want) => {
        edits.want(this.#alarm.ring, want)
        return edits.isFirst(this.#alarm.ring)
      },
      held: () => (another ? undefined : metrics.held.inc()),
    })
  }

  #plan({ key, place }: OpenCard, card: Card): Need {
    const there = card.places[place]
    return there ? planPlace(key, card, there, this.#context.viewOf(card, place)) : { kind: 'nothing' }
  }

  /** Takes in what the card is by now; undefined = somebody removed it. */
  #update(open: OpenCard, card: Card | undefined): void {
    const { time } = this.#context
    const before = open.need
    open.card = card ?? open.card
    open.need = card ? this.#plan(open, card) : { kind: 'nothing' }
    if (open.need.kind !== before.kind) open.needSince = time.now()
    this.#lookUp(open)
    this.#settleIfDone(open)
    this.#alarm.ring()
  }

  #lookedUp(open: OpenCard, { kind, intent }: Sought, card: Card | undefined, sent: Sent | undefined): void {
    if (kind === 'seek' && card) this.#offerAnew(open, card)
    else this.#update(open, card)
    if (sent === undefined || card === undefined) return
    const isCard = intent.effect === 'card'
    if (isCard) this.#context.found(open, sent)
    // Where an edit follows, that proves what people can read.
    if (kind === 'settle' && open.need.kind === 'nothing')
      this.#context.delivered({ open, story: card.story, action: isCard ? 'posted' : 'replied', ...sent })
  }

  #lookUp(open: OpenCard): void {
    const { need } = open
    if (open.isSending || this.#lookup.has(open)) return
    if (need.kind === 'settle') this.#lookup.later(open, need, this.#context.foreignIntentMs)
    if (need.kind === 'seek') this.#lookup.later(open, need, this.#untilSought())
  }

  /** Whoever posted what is sought may still be at it. */
  #untilSought(): number {
    const { time, memory, foreignIntentMs } = this.#context
    return Math.max(0, memory.askedAt + foreignIntentMs - time.now())
  }

  /** It is known by now whether it stands here: if not, it may be one of many to be told. */
  #offerAnew(open: OpenCard, card: Card): void {
    this.#open.delete(idOf(open.key, open.place))
    this.#context.offer(open.key, card)
  }

  /** What is on its way to Slack may turn out to be what the card no longer says. */
  #settleIfDone(open: OpenCard): void {
    if (open.need.kind !== 'nothing' || open.isSending) return
    this.#open.delete(idOf(open.key, open.place))
    const isSettled = (card: Card): boolean => this.#plan(open, card).kind === 'nothing'
    this.#context.inBackground(this.#context.store.clearOpen(open.key, open.place, isSettled))
  }
}

function idOf(key: string, place: string): string {
  return `${place} ${key}`
}
