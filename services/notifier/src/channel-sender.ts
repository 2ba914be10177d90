// Owns the calls to one channel and what follows from their ends.
// D2. A post is announced in KV before it starts, and starts within a second of that or not at all.
// D3. A post says what the stored card says at that moment; whatever changes meanwhile is the next edit. An edit may be
//     on its way while its card is being stored: the transition that made it is not acknowledged before, so whoever
//     takes it in again sends the same.
// D4. A post whose end is unknown is never repeated before it was looked for; the other cards go on.
import { backoffMs } from '@hermod/runtime'
import { type Announced, announce, announced } from './announce.ts'
import { traceFields } from './card-trace.ts'
import { changeOpen } from './change-open.ts'
import type { DeliveryContext } from './delivery-context.ts'
import type { Card } from './notification/card.ts'
import {
  edited,
  notPosted,
  type PlaceStep,
  park,
  posted,
  refused,
  uneditable,
} from './notification/place-steps.ts'
import type { Need } from './notification/plan.ts'
import type { Lookup } from './read-back.ts'
import type { Failure } from './slack-client.ts'
import { isStart, type OpenCard } from './turns.ts'

const sendWithinMs = 1_000
const parkedForMs = 10 * 60_000

/** What goes out for a card that is being stored: an edit at once, a post as soon as `stored` has its intent. */
export interface Beginning {
  /** Monotonic ms. */
  readonly startedAt: number
  readonly stored: Promise<Card | undefined>
  readonly post: Announced | undefined
}

export interface SenderOptions {
  readonly channel: string
  readonly context: DeliveryContext
  readonly lookup: Lookup
  /** What the card needs here by now. */
  readonly plan: (open: OpenCard, card: Card) => Need
  /** Takes in what the card is by now; undefined = somebody removed it. */
  readonly update: (open: OpenCard, card: Card | undefined) => void
}

export class ChannelSender {
  readonly #options: SenderOptions
  #failures = 0
  #restUntil = -Infinity
  #parkedUntil = -Infinity

  constructor(options: SenderOptions) {
    this.#options = options
  }

  get blockedUntil(): number {
    return Math.max(this.#restUntil, this.#parkedUntil)
  }

  get isParked(): boolean {
    return this.#parkedUntil > this.#options.context.time.now()
  }

  /** What failed before makes nothing wait. */
  goOn(): void {
    this.#restUntil = -Infinity
  }

  unpark(): void {
    this.#parkedUntil = -Infinity
  }

  backOff(): void {
    const { time } = this.#options.context
    const range = { baseMs: 500, capMs: 30_000 }
    this.#restUntil = time.now() + 250 + backoffMs(this.#failures++, Math.random(), range)
  }

  /** What the card needs is chosen to go, though it is not stored yet. */
  begin({ need }: OpenCard, stored: Promise<Card | undefined>): Beginning {
    const { time, budgets, term } = this.#options.context
    const startedAt = time.now()
    if (isStart(need)) budgets.start(startedAt)
    const post = need.kind === 'post' ? announced(need, time.date(), term.epoch) : undefined
    return { startedAt, stored, post }
  }

  async send(open: OpenCard, beginning: Beginning | undefined): Promise<void> {
    if (open.need.kind === 'edit') await this.#edit(open, open.need)
    else await this.#post(open, beginning)
  }

  async #post(open: OpenCard, beginning: Beginning | undefined): Promise<void> {
    const { channel, context, lookup, update } = this.#options
    const { slack, term, budgets, time } = context
    const startedAt = beginning?.startedAt ?? time.now()
    // Counted before anything is awaited: other channels choose meanwhile.
    if (!beginning && isStart(open.need)) budgets.start(startedAt)
    const told = beginning ? await storedWith(open, beginning) : await this.#announce(open)
    update(open, told.card)
    if (!told.card || !told.announced) return
    const { story } = told.card
    const { post, intent } = told.announced
    if (time.now() - startedAt > sendWithinMs || !term.valid()) {
      await this.#change(open, notPosted(intent))
      return
    }
    budgets.post(channel, time.now())
    const answer = await slack.post({
      channel,
      message: post.message,
      key: intent.key,
      word: intent.word,
      parent: post.parent?.ts,
    })
    if (answer.kind === 'delivered') {
      this.#recover(open)
      await this.#change(open, posted(intent, answer.channel, answer.ts))
      const action = post.effect === 'card' ? 'posted' : 'replied'
      context.delivered({ open, story, action, channel: answer.channel, ts: answer.ts })
      return
    }
    if (answer.kind === 'unknown') {
      this.#failed(answer, open)
      this.backOff()
      lookup.later(open, { kind: 'settle', intent }, context.readBackWaitMs)
      return
    }
    await this.#change(open, notPosted(intent))
    if (answer.kind === 'update-gone' && post.parent) {
      // The thread is gone, and with it the card: it is posted anew and says the word itself.
      this.#failed(answer, open)
      await this.#change(open, uneditable(post.parent.ts, ''))
    } else await this.#explain(open, answer, 'post')
  }

  async #announce(open: OpenCard): ReturnType<typeof announce> {
    const { context, plan } = this.#options
    const { store, time, term } = context
    return await announce(
      open,
      store,
      (card) => plan(open, card),
      (post) => announced(post, time.date(), term.epoch),
    )
  }

  async #edit(open: OpenCard, { sent, message, print }: Extract<Need, { kind: 'edit' }>): Promise<void> {
    const { slack, term, budgets, time, delivered } = this.#options.context
    if (!term.valid()) return
    const { story } = open.card
    budgets.edit(time.now())
    const answer = await slack.edit(sent.channel, sent.ts, message)
    if (answer.kind === 'delivered') {
      this.#recover(open)
      await this.#change(open, edited(sent.ts, print))
      delivered({ open, story, action: 'edited', channel: sent.channel, ts: sent.ts })
      return
    }
    if (answer.kind === 'update-gone') {
      this.#failed(answer, open)
      await this.#change(open, uneditable(sent.ts, print))
      return
    }
    // It may stand there by now: whatever comes next has to be said.
    if (answer.kind === 'unknown') await this.#change(open, edited(sent.ts, ''))
    await this.#explain(open, answer, 'edit')
  }

  /** Draws the consequences of a call that was not carried out. */
  async #explain(open: OpenCard, answer: Failure, what: 'post' | 'edit'): Promise<void> {
    const { channel, context } = this.#options
    const { budgets, gate, time } = context
    this.#failed(answer, open)
    switch (answer.kind) {
      case 'rate-limited':
        if (what === 'edit') budgets.editRefused(answer.retryAfterMs, time.now())
        else budgets.postRefused(channel, answer.retryAfterMs, time.now())
        return
      case 'token':
        gate.close(answer.reason)
        return
      case 'channel':
        await this.#park(open, answer.reason)
        return
      case 'payload':
        if (open.card.places[open.place]?.size === 'plain') open.restUntil = time.now() + parkedForMs
        await this.#change(open, refused(answer.reason, time.date().toISOString()))
        return
      default:
        this.backOff()
    }
  }

  async #park(open: OpenCard, reason: string): Promise<void> {
    const { channel, context, update } = this.#options
    const { moved, parked, time } = context
    if (await moved(open, channel, reason)) {
      update(open, undefined)
      return
    }
    this.#parkedUntil = time.now() + parkedForMs
    await this.#change(open, park(reason, time.date().toISOString()))
    await parked(open, reason)
  }

  #failed({ kind, reason }: Failure, { key, card }: OpenCard): void {
    const { channel, context } = this.#options
    if (kind === 'unknown' || kind === 'retry') context.unanswered(reason)
    context.metrics.failed.with({ kind }).inc()
    const fields = { ...traceFields(card), channel, card: key, kind, reason }
    context.log.warn(fields, 'Slack did not accept a message')
  }

  #recover(open: OpenCard): void {
    const { answered, unparked } = this.#options.context
    answered()
    this.#failures = 0
    if (open.card.places[open.place]?.parked) unparked(open)
  }

  async #change(open: OpenCard, step: PlaceStep): Promise<void> {
    const { context, update } = this.#options
    const { store, metrics } = context
    const wasGivenUp = open.card.places[open.place]?.givenUp !== undefined
    const card = await changeOpen(store, open, step)
    if (!wasGivenUp && card?.places[open.place]?.givenUp !== undefined) metrics.givenUp.inc()
    update(open, card)
  }
}

// Somebody else may have stored another card first: then ours announced nothing.
async function storedWith(
  open: OpenCard,
  { post, stored }: Beginning,
): Promise<{ readonly card: Card | undefined; readonly announced: Announced | undefined }> {
  const card = await stored
  return { card, announced: card?.places[open.place]?.intent === post?.intent ? post : undefined }
}
