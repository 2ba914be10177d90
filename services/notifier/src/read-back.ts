// Owns the question what became of a post whose end nobody saw, or that nobody remembers.
// B1. It is looked for only when Slack has had time to show it, and its sender is past sending.
// B2. Found = said; a whole search without it = never said; anything else is asked again.
// B3. Where Slack refuses to be asked, or has too much to show, the post is sent again after at most 5 min, and counted:
//     at least once.
import { backoffMs } from '@hermod/runtime'
import { Alarm } from './alarm.ts'
import { traceFields } from './card-trace.ts'
import { changeOpen } from './change-open.ts'
import { ChannelSearch, type SoughtMessage } from './channel-search.ts'
import type { DeliveryContext } from './delivery-context.ts'
import type { Card, Sent } from './notification/card.ts'
import { found, notFound, notPosted, type PlaceStep, posted } from './notification/place-steps.ts'
import type { Need } from './notification/plan.ts'
import type { FoundMessage } from './slack-client.ts'
import type { OpenCard } from './turns.ts'

/** `card` as it is stored by now; `sent` is the message that was found. */
type Settle = (open: OpenCard, sought: Sought, card: Card | undefined, sent: Sent | undefined) => void
export type Sought = Extract<Need, { kind: 'settle' | 'seek' }>

const longestRefusalMs = 5 * 60_000
/** Clocks may differ this much between us and Slack. */
const clockSlackMs = 15 * 60_000
const againAfterErrorMs = 60_000
const lookAtGateMs = 60_000

interface Looked {
  readonly how: 'found' | 'absent' | 'resent'
  readonly message?: FoundMessage
}

interface Settled {
  readonly card: Card | undefined
  readonly sent?: Sent
}

export class Lookup {
  readonly #channel: string
  readonly #context: DeliveryContext
  readonly #search: ChannelSearch
  readonly #settle: Settle
  readonly #running = new Map<OpenCard, Promise<void>>()
  readonly #resting = new Set<Alarm>()

  constructor(channel: string, context: DeliveryContext, settle: Settle) {
    this.#channel = channel
    this.#context = context
    this.#search = new ChannelSearch({ channel, ...context })
    this.#settle = settle
  }

  get ended(): Promise<unknown> {
    return Promise.all(this.#running.values())
  }

  has(open: OpenCard): boolean {
    return this.#running.has(open)
  }

  /** What failed before makes nothing wait. */
  goOn(): void {
    for (const alarm of this.#resting) alarm.ring()
  }

  /** Finds out in `waitMs` what became of it. */
  later(open: OpenCard, sought: Sought, waitMs: number): void {
    if (this.#running.has(open)) return
    const running = this.#find(open, sought, waitMs)
      .then(({ card, sent }) => {
        this.#running.delete(open)
        this.#settle(open, sought, card, sent)
      })
      .catch((error: unknown) => {
        this.#running.delete(open)
        if (this.#context.signal.aborted) return
        this.#context.log.error({ err: error, card: open.key }, 'reading back failed, trying on')
        this.later(open, sought, againAfterErrorMs)
      })
    this.#running.set(open, running)
  }

  async #find(open: OpenCard, sought: Sought, waitMs: number): Promise<Settled> {
    const { store, signal, metrics, log, time } = this.#context
    await time.sleep(waitMs, signal)
    const { how, message } = await this.#look(open, sought)
    metrics.settled.with({ how }).inc()
    const about = { ...traceFields(open.card), card: open.key, effect: sought.intent.key, how }
    log.info(about, 'a post of unknown outcome is settled')
    const step = message ? this.#there(sought, message) : notThere(sought)
    const card = await changeOpen(store, open, step)
    return { card, ...(message && { sent: { channel: this.#channel, ts: message.ts, print: '' } }) }
  }

  /** Asks until Slack has shown all there is, or will not. */
  async #look(open: OpenCard, sought: Sought): Promise<Looked> {
    const { gate, time, signal, answered, unanswered } = this.#context
    let refusedSince: number | undefined
    for (let tries = 0; ; tries++) {
      while (gate.closedFor !== undefined) await this.#rest(lookAtGateMs)
      const answer = await this.#search.find(this.#whereabouts(open, sought))
      if (answer.kind === 'delivered') {
        answered()
        if (answer.message) return { how: 'found', message: answer.message }
        return { how: answer.gaveUp ? 'resent' : 'absent' }
      }
      if (answer.kind !== 'rate-limited') refusedSince = undefined
      if (answer.kind === 'rate-limited') {
        refusedSince ??= time.now()
        if (time.now() - refusedSince >= longestRefusalMs) return { how: 'resent' }
        await time.sleep(Math.min(answer.retryAfterMs, longestRefusalMs), signal)
      } else if (answer.kind === 'token' && answer.reason !== 'missing_scope') {
        gate.close(answer.reason)
      } else if (answer.kind === 'retry' || answer.kind === 'unknown') {
        unanswered(answer.reason)
        await this.#rest(500 + backoffMs(tries, Math.random(), { baseMs: 500, capMs: 30_000 }))
      } else return { how: 'resent' }
    }
  }

  #whereabouts(open: OpenCard, { kind, intent }: Sought): SoughtMessage {
    const { time, foreignIntentMs } = this.#context
    const at = Date.parse(intent.at)
    return {
      key: intent.key,
      parent: intent.effect === 'reply' ? open.card.places[open.place]?.card?.ts : undefined,
      notBefore: at - clockSlackMs,
      notAfter: (kind === 'seek' ? time.date().getTime() : at + foreignIntentMs) + clockSlackMs,
    }
  }

  #there({ kind, intent }: Sought, { ts, word = 0 }: FoundMessage): PlaceStep {
    if (kind === 'settle') return posted(intent, this.#channel, ts)
    return found({ ...intent, word: Math.max(intent.word, word) }, this.#channel, ts)
  }

  async #rest(ms: number): Promise<void> {
    const { time, signal } = this.#context
    const alarm = new Alarm(time)
    this.#resting.add(alarm)
    await alarm.wait(time.now() + ms, signal)
    this.#resting.delete(alarm)
    signal.throwIfAborted()
  }
}

function notThere({ kind, intent }: Sought): PlaceStep {
  return kind === 'settle' ? notPosted(intent) : notFound(intent)
}
