import type { Term } from '@hermod/jetstream'
import type { Logger } from '@hermod/runtime'
import type { CardStore } from './card-store.ts'
import type { EditQueue } from './edit-queue.ts'
import type { Memory } from './memory.ts'
import type { Budgets } from './notification/budgets.ts'
import type { Card, Sent } from './notification/card.ts'
import type { View } from './notification/plan.ts'
import type { NotifierMetrics } from './notifier-metrics.ts'
import type { SlackClient } from './slack-client.ts'
import type { Time } from './time.ts'
import type { TokenGate } from './token-gate.ts'
import type { OpenCard } from './turns.ts'

/** What Slack accepted. */
export interface Delivered {
  readonly open: OpenCard
  /** As it was sent: the open card may have news by now. */
  readonly story: Card['story']
  readonly action: 'posted' | 'edited' | 'replied'
  readonly channel: string
  readonly ts: string
}

/** What the workers of one term share. */
export interface DeliveryContext {
  readonly term: Pick<Term, 'valid' | 'epoch'>
  /** Aborted when no new send may begin. */
  readonly signal: AbortSignal
  readonly slack: SlackClient
  readonly store: CardStore
  readonly gate: TokenGate
  readonly budgets: Budgets
  readonly edits: EditQueue
  readonly time: Time
  readonly metrics: NotifierMetrics
  readonly log: Logger
  /** How long a post of unknown outcome is given to show up in the channel. */
  readonly readBackWaitMs: number
  /** As long, plus the time that another sender's call may still take. */
  readonly foreignIntentMs: number
  readonly memory: Pick<Memory, 'askedAt' | 'refresh' | 'since'>
  /** Hands a card to whoever is to tell it. */
  readonly offer: (key: string, card: Card) => void
  readonly viewOf: (card: Card, place: string) => View
  /** Slack carried out a call. */
  readonly answered: () => void
  /** Slack did not say what became of a call, or could not carry it out. */
  readonly unanswered: (reason: string) => void
  readonly delivered: (what: Delivered) => void
  /** A card was found where it stands. */
  readonly found: (open: OpenCard, sent: Sent) => void
  /** True when the channel goes by another id by now and the card was given to that one. */
  readonly moved: (open: OpenCard, channel: string, reason: string) => Promise<boolean>
  readonly parked: (open: OpenCard, reason: string) => Promise<void>
  readonly unparked: (open: OpenCard) => void
  /** For work that nobody waits for but the end. */
  readonly inBackground: (work: Promise<unknown>) => void
}
