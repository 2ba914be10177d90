import type { RolloutTransition } from '@hermod/contracts'

/** The newest card that this release writes and reads. */
export const cardVersion = 1

/** What one message tells in each of its channels, and how far Slack has it: the value of a KV key. */
export interface Card {
  readonly version: number
  readonly story: Story
  /** By channel, as the route names it. */
  readonly places: Readonly<Record<string, Place>>
  /** RFC 3339; when its story last changed, by this process. Cards that rest for long are forgotten. */
  readonly touchedAt: string
}

export type Story = RolloutStory | DigestStory | NoticeStory

export interface RolloutStory {
  readonly kind: 'rollout'
  /** Of the newest transition; what is older is ignored. */
  readonly epoch: number
  readonly n: number
  /** What is shown: the newest transition, or the stall that is kept after too many withdrawals. */
  readonly shown: RolloutTransition
  /** Seen more than two minutes after it happened. */
  readonly late: boolean
  /** A deletion told by itself, not the end of a rollout's card. */
  readonly isDeletion?: true | undefined
  /** `alert: failure`: hidden until the first trouble. */
  readonly hidden: boolean
  readonly mention: readonly string[]
  /** The newest of the words that everybody is to notice. */
  readonly word?: Word | undefined
  /** How often a stall was withdrawn. */
  readonly withdrawals: number
  /** The newest bad word was withdrawn since it was said. */
  readonly withdrawn: boolean
}

export interface Word {
  /** From 1. */
  readonly n: number
  readonly says: 'bad' | 'recovered'
}

/** What happened while nobody could tell it, in one message. */
export interface DigestStory {
  readonly kind: 'digest'
  readonly about: 'late' | 'deletions'
  readonly items: readonly DigestItem[]
}

export interface DigestItem {
  /** Key of the card that this line stands for. */
  readonly card: string
  readonly transition: RolloutTransition
}

/** Something to tell an operator, said once. */
export interface NoticeStory {
  readonly kind: 'notice'
  /** The channel that does not work. */
  readonly channel: string
  /** Slack's code, or what is wrong with the annotation that names it. */
  readonly problem: string
  /** A namespace/name that waits for it. */
  readonly example: string
  /** An annotation may not name it: the channels that are told instead. */
  readonly instead?: readonly string[]
}

/** How far one channel has it. */
export interface Place {
  readonly card?: Sent | undefined
  /** The newest broadcast reply. */
  readonly reply?: (Sent & { readonly word: number }) | undefined
  /** Number of the last word that was said here, by the card itself or by a reply. */
  readonly told: number
  /** Slack may have messages of this card that the bucket lost: each is looked for before it is posted. */
  readonly unsure?: true | undefined
  /** A post that may be under way. Nothing else is posted here until it is settled. */
  readonly intent?: Intent | undefined
  /** How often the card had to be posted anew because Slack no longer edits the old one. */
  readonly anew: number
  /** The message that can no longer be edited. */
  readonly outdated?: Sent | undefined
  /** Slack refused the full form. */
  readonly size?: Size | undefined
  /** Told by a digest: nothing to post until there is news. */
  readonly digested?: { readonly epoch: number; readonly n: number } | undefined
  /** Why the channel cannot take it, since when (RFC 3339). */
  readonly parked?: { readonly reason: string; readonly since: string } | undefined
  /** Why it is never tried again. */
  readonly givenUp?: string | undefined
}

export type Size = 'small' | 'plain'
export type Effect = 'card' | 'reply'

export interface Sent {
  /** Slack's id of the channel. */
  readonly channel: string
  readonly ts: string
  /** Of the content that Slack has. */
  readonly print: string
}

export interface Intent {
  readonly effect: Effect
  /** In the message's metadata: by it a lost answer is found again. */
  readonly key: string
  /** The word that is said once this is posted. */
  readonly word: number
  readonly print: string
  /** RFC 3339. */
  readonly at: string
  /** The holder of the lease that wrote it. */
  readonly by: string
}

export const emptyPlace: Place = { told: 0, anew: 0 }
