import type { EditWant } from './edit-queue.ts'
import type { Budgets } from './notification/budgets.ts'
import type { Card } from './notification/card.ts'
import { progressUrgency } from './notification/mood.ts'
import type { Need } from './notification/plan.ts'

/** A card that a channel does not have yet as it should be. Times are monotonic ms. */
export interface OpenCard {
  readonly key: string
  /** The channel as the card names it. */
  readonly place: string
  card: Card
  need: Need
  readonly since: number
  /** Since when it needs this kind of thing. */
  needSince: number
  /** Not tried before. */
  restUntil: number
  isHeld: boolean
  isSending?: boolean
}

export function openCard(key: string, place: string, card: Card, now: number): OpenCard {
  const need = { kind: 'nothing' } as const
  return { key, place, card, need, since: now, needSince: now, restUntil: now, isHeld: false }
}

/** A post that says no more than that something began. */
export function isStart(need: Need): boolean {
  return need.kind === 'post' && need.isStart
}

export interface Surroundings {
  readonly now: number
  readonly channel: string
  readonly budgets: Budgets
  /** How long an edit with news has waited, anywhere. */
  readonly newsWaitMs: number
  /** Says what this channel would edit, and whether it is its turn among all channels. */
  readonly isFirst: (want: EditWant | undefined) => boolean
  /** A start was held for the first time. */
  readonly held: () => void
}

const editsWaitLongMs = 5_000
const longestHoldMs = 60_000
const longestCrowdHoldMs = 3_000

/** The card whose turn it is, or when to look again. */
export function chooseTurn(
  cards: readonly OpenCard[],
  around: Surroundings,
): { readonly open?: OpenCard; readonly at: number } {
  const edit = bestEdit(cards)
  const mayEdit = around.isFirst(edit && wantOf(edit, cards))
  let chosen: { open: OpenCard; at: number } | undefined
  let at = Number.POSITIVE_INFINITY
  for (const open of cards) {
    const ready = readyAt(open, mayEdit && open === edit, around)
    if (ready > around.now) at = Math.min(at, ready)
    else if (chosen === undefined || isBefore(open, chosen.open)) chosen = { open, at: ready }
  }
  return chosen ?? { at }
}

function readyAt(open: OpenCard, isEditTurn: boolean, around: Surroundings): number {
  const { need } = open
  const { now, budgets, channel } = around
  switch (need.kind) {
    case 'post':
      return Math.max(
        open.restUntil,
        need.isStart ? holdUntil(open, around) : now,
        budgets.postAt(channel, need.isStart ? 'start' : 'result', now),
      )
    case 'edit':
      // Whoever is not first is woken when it is.
      return isEditTurn
        ? Math.max(open.restUntil, budgets.editAt(need.urgency >= progressUrgency, now))
        : Number.POSITIVE_INFINITY
    default:
      return Number.POSITIVE_INFINITY
  }
}

// A start that ends while it is held costs one post instead of a post and an edit: so it is held while edits wait, and
// for a moment when it comes in a crowd.
function holdUntil(open: OpenCard, { now, newsWaitMs, budgets, held }: Surroundings): number {
  const editsWait = newsWaitMs > editsWaitLongMs
  const longest = open.since + (editsWait ? longestHoldMs : longestCrowdHoldMs)
  const free = editsWait ? now + 1_000 : budgets.startAt(now)
  if (free <= now || longest <= now) return now
  if (!open.isHeld) held()
  open.isHeld = true
  return Math.min(longest, free)
}

function bestEdit(cards: readonly OpenCard[]): OpenCard | undefined {
  let best: OpenCard | undefined
  for (const open of cards)
    if (open.need.kind === 'edit' && (best === undefined || isBefore(open, best))) best = open
  return best
}

function wantOf(edit: OpenCard, cards: readonly OpenCard[]): EditWant {
  let newsSince: number | undefined
  for (const { need, needSince } of cards)
    if (need.kind === 'edit' && need.urgency < progressUrgency)
      newsSince = Math.min(newsSince ?? Number.POSITIVE_INFINITY, needSince)
  return { urgency: urgencyOf(edit), since: edit.needSince, newsSince }
}

function isBefore(one: OpenCard, other: OpenCard): boolean {
  const difference = urgencyOf(one) - urgencyOf(other)
  return difference < 0 || (difference === 0 && one.since < other.since)
}

function urgencyOf({ need }: OpenCard): number {
  return need.kind === 'post' || need.kind === 'edit' ? need.urgency : Number.POSITIVE_INFINITY
}
