// Owns all sending to one channel.
// D1. One send is under way at a time; what is most urgent goes first, the older of two equals.
// D2. A post is announced in KV before it starts, and starts within a second of that or not at all.
// D3. What is sent is what the stored card says at that moment; whatever changes meanwhile is the next edit.
// D4. A post whose end is unknown is never repeated before it was looked for; the other cards go on.
import { backoffMs } from '@hermod/runtime'
import { Alarm } from './alarm.ts'
import { announce } from './announce.ts'
import { traceFields } from './card-trace.ts'
import type { DeliveryContext } from './delivery-context.ts'
import type { Card } from './notification/card.ts'
import {
  changePlace,
  edited,
  notPosted,
  type PlaceStep,
  park,
  posted,
  refused,
  uneditable,
} from './notification/place-steps.ts'
import { type Need, planPlace } from './notification/plan.ts'
import { Lookup } from './read-back.ts'
import type { Failure } from './slack-client.ts'
import { chooseTurn, isStart, type OpenCard, openCard } from './turns.ts'

const sendWithinMs = 1_000
const parkedForMs = 10 * 60_000

type Edit = Extract<Need, { kind: 'edit' }>

export class ChannelWorker {
  /** Slack's id, or the name where it is not known. */
  readonly channel: string
  readonly #context: DeliveryContext
  readonly #open = new Map<string, OpenCard>()
  readonly #lookup: Lookup
  readonly #loop: Promise<void>
  readonly #alarm = new Alarm()
  #failures = 0
  #restUntil = -Infinity
  #parkedUntil = -Infinity

  constructor(channel: string, context: DeliveryContext) {
    this.channel = channel
    this.#context = context
    this.#lookup = new Lookup(channel, context, (open, card) => {
      this.#update(open, card)
    })
    this.#loop = this.#run()
  }

  get open(): ReadonlyMap<string, OpenCard> {
    return this.#open
  }

  get isParked(): boolean {
    return this.#parkedUntil > performance.now()
  }

  /** Look again: the token is good by now, or somebody asked. */
  wake(): void {
    this.#restUntil = -Infinity
    this.#alarm.ring()
  }

  get ended(): Promise<void> {
    return this.#loop
  }

  has(key: string, place: string): boolean {
    return this.#open.has(`${place} ${key}`)
  }

  /** Takes a card to be brought to this channel; `place` is the channel as the card names it. */
  offer(key: string, place: string, card: Card): void {
    const id = `${place} ${key}`
    const known = this.#open.get(id)
    const open = known ?? openCard(key, place, card, performance.now())
    if (known?.need.kind === 'edit' || known?.need.kind === 'post') this.#context.metrics.coalesced.inc()
    this.#open.set(id, open)
    this.#update(open, card)
  }

  async #run(): Promise<void> {
    const { signal, edits } = this.#context
    // Whoever offers the first card is not to wait for it to be sent.
    await Promise.resolve()
    while (!signal.aborted) {
      const turn = this.#nextTurn(performance.now())
      if (turn.open === undefined) {
        await this.#alarm.wait(turn.at, signal)
        continue
      }
      edits.want(this.#alarm.ring, undefined)
      try {
        await this.#act(turn.open)
      } catch (error) {
        if (signal.aborted) break
        this.#context.log.error(
          { err: error, channel: this.channel, card: turn.open.key },
          'delivery failed, trying on',
        )
        this.#backOff()
        this.#update(turn.open, turn.open.card)
      }
    }
    edits.want(this.#alarm.ring, undefined)
    await this.#lookup.ended
  }

  #nextTurn(now: number): { readonly open?: OpenCard; readonly at: number } {
    const { gate, budgets, edits, crowd, metrics } = this.#context
    if (gate.closedFor !== undefined) return { at: Infinity }
    const blockedUntil = Math.max(this.#restUntil, this.#parkedUntil)
    if (blockedUntil > now) return { at: blockedUntil }
    return chooseTurn([...this.#open.values()], {
      now,
      channel: this.channel,
      budgets,
      newsWaitMs: edits.newsWaitMs(now),
      startsWaiting: crowd.starts,
      isFirst: (want) => {
        edits.want(this.#alarm.ring, want)
        return edits.isFirst(this.#alarm.ring)
      },
      held: () => metrics.held.inc(),
    })
  }

  async #act(open: OpenCard): Promise<void> {
    const { need } = open
    if (need.kind === 'post') {
      open.isSending = true
      await this.#post(open).finally(() => {
        open.isSending = false
      })
    } else if (need.kind === 'edit') await this.#edit(open, need)
  }

  async #post(open: OpenCard): Promise<void> {
    const { slack, store, term, budgets } = this.#context
    const startedAt = performance.now()
    // Counted before anything is awaited: other channels choose meanwhile.
    if (isStart(open.need)) budgets.start(startedAt)
    const { card, announced } = await announce(open, store, term.epoch, (card) => this.#plan(open, card))
    this.#update(open, card)
    if (!announced) return
    const { post, intent } = announced
    if (performance.now() - startedAt > sendWithinMs || !term.valid()) {
      await this.#change(open, notPosted(intent))
      return
    }
    budgets.post(this.channel, performance.now())
    const answer = await slack.post({
      channel: this.channel,
      message: post.message,
      key: intent.key,
      parent: post.parent?.ts,
    })
    if (answer.kind === 'delivered') {
      this.#recover(open)
      await this.#change(open, posted(intent, answer.channel, answer.ts))
      this.#context.delivered({
        open,
        action: post.effect === 'card' ? 'posted' : 'replied',
        channel: answer.channel,
        ts: answer.ts,
      })
      return
    }
    if (answer.kind === 'unknown') {
      this.#failed(answer, open)
      this.#backOff()
      this.#lookup.later(open, intent, this.#context.readBackWaitMs)
      return
    }
    await this.#change(open, notPosted(intent))
    if (answer.kind === 'update-gone' && post.parent) {
      // The thread is gone, and with it the card: it is posted anew and says the word itself.
      this.#failed(answer, open)
      await this.#change(open, uneditable(post.parent.ts, ''))
    } else await this.#explain(open, answer, 'post')
  }

  async #edit(open: OpenCard, { sent, message, print }: Edit): Promise<void> {
    const { slack, term, budgets } = this.#context
    if (!term.valid()) return
    budgets.edit(performance.now())
    const answer = await slack.edit(sent.channel, sent.ts, message)
    if (answer.kind === 'delivered') {
      this.#recover(open)
      await this.#change(open, edited(sent.ts, print))
      this.#context.delivered({ open, action: 'edited', channel: sent.channel, ts: sent.ts })
      return
    }
    if (answer.kind === 'update-gone') {
      this.#failed(answer, open)
      await this.#change(open, uneditable(sent.ts, print))
      return
    }
    await this.#explain(open, answer, 'edit')
  }

  /** Draws the consequences of a call that was not carried out. */
  async #explain(open: OpenCard, answer: Failure, what: 'post' | 'edit'): Promise<void> {
    const { budgets, gate } = this.#context
    this.#failed(answer, open)
    const now = performance.now()
    switch (answer.kind) {
      case 'rate-limited':
        if (what === 'edit') budgets.editRefused(answer.retryAfterMs, now)
        else budgets.postRefused(this.channel, answer.retryAfterMs, now)
        return
      case 'token':
        gate.close(answer.reason)
        return
      case 'channel':
        await this.#park(open, answer.reason)
        return
      case 'payload':
        if (open.card.places[open.place]?.size === 'plain') open.restUntil = now + parkedForMs
        await this.#change(open, refused(answer.reason, new Date().toISOString()))
        return
      default:
        this.#backOff()
    }
  }

  async #park(open: OpenCard, reason: string): Promise<void> {
    if (await this.#context.moved(open, this.channel, reason)) {
      this.#update(open, undefined)
      return
    }
    this.#parkedUntil = performance.now() + parkedForMs
    await this.#change(open, park(reason, new Date().toISOString()))
    await this.#context.parked(open, reason)
  }

  #failed({ kind, reason }: Failure, { key, card }: OpenCard): void {
    if (kind === 'unknown' || kind === 'retry') this.#context.gate.unreachable(reason)
    this.#context.metrics.failed.with({ kind }).inc()
    const fields = { ...traceFields(card), channel: this.channel, card: key, kind, reason }
    this.#context.log.warn(fields, 'Slack did not accept a message')
  }

  #recover(open: OpenCard): void {
    this.#context.gate.reached()
    this.#failures = 0
    if (open.card.places[open.place]?.parked) this.#context.unparked(open)
  }

  #backOff(): void {
    const range = { baseMs: 500, capMs: 30_000 }
    this.#restUntil = performance.now() + 250 + backoffMs(this.#failures++, Math.random(), range)
  }

  async #change(open: OpenCard, step: PlaceStep): Promise<void> {
    const { store } = this.#context
    this.#update(open, await store.change(open.key, (card) => card && changePlace(card, open.place, step)))
  }

  #plan(open: OpenCard, card: Card): Need {
    const place = card.places[open.place]
    return place
      ? planPlace(open.key, card, place, this.#context.viewOf(card, open.place))
      : { kind: 'nothing' }
  }

  /** Takes in what the card is by now; undefined = somebody removed it. */
  #update(open: OpenCard, card: Card | undefined): void {
    const before = open.need
    open.card = card ?? open.card
    open.need = card ? this.#plan(open, card) : { kind: 'nothing' }
    this.#context.crowd.starts += Number(isStart(open.need)) - Number(isStart(before))
    if (open.need.kind !== before.kind) open.needSince = performance.now()
    if (open.need.kind === 'settle' && !open.isSending && !this.#lookup.has(open))
      this.#lookup.later(open, open.need.intent, this.#context.foreignIntentMs)
    if (open.need.kind === 'nothing') this.#settled(open)
    this.#alarm.ring()
  }

  #settled(open: OpenCard): void {
    this.#open.delete(`${open.place} ${open.key}`)
    const isSettled = (card: Card): boolean => this.#plan(open, card).kind === 'nothing'
    this.#context.inBackground(this.#context.store.clearOpen(open.key, open.place, isSettled))
  }
}
