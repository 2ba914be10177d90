import type { RolloutTransition } from '@hermod/contracts'
import { type Card, cardVersion, emptyPlace, type Place, type RolloutStory, type Word } from './card.ts'
import { isBadWord, isFinal, moodOf } from './mood.ts'
import type { Route } from './route.ts'

/** What a transition makes of a card, and why. Without a card there is nothing to keep. */
export interface TakenIn {
  readonly card: Card | undefined
  readonly reason:
    | 'new card'
    | 'news for its card'
    | 'older than its card'
    | 'nobody is to hear of it'
    | 'too old for a new card'
    | 'ended without a card'
}

const lateAfterMs = 2 * 60_000
const tooOldAfterMs = 24 * 3_600_000
/** Reason of a deletion that a snapshot shows. */
const notListed = 'NotListed'
/** Some times of the cluster are whole seconds. */
const clockGrainMs = 1_000
/** After so many withdrawals a stall stays amber until the result. */
const mostWithdrawals = 3

/**
 * Reduces a transition into its card. `now` is milliseconds since 1970, and so is `rememberedSince`: since when the
 * bucket knows what was posted.
 */
export function takeIn(
  card: Card | undefined,
  transition: RolloutTransition,
  route: Route,
  now: number,
  rememberedSince: number = Number.NEGATIVE_INFINITY,
): TakenIn {
  const before = card?.story.kind === 'rollout' ? card.story : undefined
  if (before && isOlder(transition, before)) return { card, reason: 'older than its card' }
  // A namespace that nobody watches any more names no channel: that is no reason to tell another one.
  const known = transition.kind === 'released' && card ? card.places : placesFor(card?.places ?? {}, route)
  const knownMs = before && card ? Date.parse(card.touchedAt) : startedMs(transition)
  const isUnsure = knownMs < rememberedSince - clockGrainMs
  const places = isUnsure ? unsure(known) : known
  if (!before) {
    const refusal = refuseNew(transition, places, now)
    if (refusal) return { card: undefined, reason: refusal }
  }
  return {
    card: {
      version: cardVersion,
      story: tell(before, transition, route, now),
      places,
      touchedAt: new Date(now).toISOString(),
    },
    reason: before ? 'news for its card' : 'new card',
  }
}

function isOlder({ epoch, n }: RolloutTransition, story: RolloutStory): boolean {
  return epoch < story.epoch || (epoch === story.epoch && n < story.n)
}

function refuseNew(
  transition: RolloutTransition,
  places: Card['places'],
  now: number,
): TakenIn['reason'] | undefined {
  if (now - Date.parse(transition.at) > tooOldAfterMs) return 'too old for a new card'
  if (['released', 'deleted'].includes(moodOf(transition))) return 'ended without a card'
  return Object.keys(places).length === 0 ? 'nobody is to hear of it' : undefined
}

// A place that has a message stays to its end; one that has none follows the annotation.
function placesFor(places: Card['places'], { channels }: Route): Card['places'] {
  if (channels.length === 0) return places
  const kept = Object.entries(places).filter(
    ([channel, { card, intent }]) => card || intent || channels.includes(channel),
  )
  const fresh = channels.map((channel): [string, Place] => [channel, emptyPlace])
  return Object.fromEntries([...fresh, ...kept])
}

// A start that was noticed some seconds late has the time of its notice.
function startedMs({ rollout: { times, changedBy } }: RolloutTransition): number {
  return Math.min(Date.parse(times.startedAt), Date.parse(changedBy?.time ?? times.startedAt))
}

/** The card as it was stored; was that before `rememberedSince`, Slack may have more of it than it says. */
export function doubt(card: Card, rememberedSince: number): Card {
  const isSure = Date.parse(card.touchedAt) >= rememberedSince - clockGrainMs
  return isSure || Object.values(card.places).every((place) => place.unsure ?? place.parked)
    ? card
    : { ...card, places: unsure(card.places) }
}

function unsure(places: Card['places']): Card['places'] {
  return Object.fromEntries(
    Object.entries(places).map(([channel, place]) => [
      channel,
      place.parked ? place : { ...place, unsure: true },
    ]),
  )
}

function tell(
  before: RolloutStory | undefined,
  transition: RolloutTransition,
  route: Route,
  now: number,
): RolloutStory {
  const { epoch, n } = transition
  const isBad = isBadWord(transition)
  const isWithdrawal =
    before !== undefined && isBadWord(before.shown) && ['rolling', 'paused'].includes(moodOf(transition))
  const keepsAmber = isWithdrawal && before.withdrawals >= mostWithdrawals
  // What ended stays as it ended: a deletion or the end of watching is no news about it.
  const isAfterEnd =
    before !== undefined &&
    isFinal(moodOf(before.shown)) &&
    ['deleted', 'released'].includes(moodOf(transition))
  const shown = keepsAmber || isAfterEnd ? before.shown : transition
  const isTrouble = isBad || ['stuck', 'failed', 'recovered'].includes(moodOf(shown))
  const withdrawn = !keepsAmber && (isWithdrawal || (before?.withdrawn ?? false))
  const word = nextWord(before?.word, shown, withdrawn)
  return {
    kind: 'rollout',
    epoch,
    n,
    shown,
    late: now - Date.parse(transition.at) > lateAfterMs,
    hidden: route.failuresOnly && !isTrouble && (before?.hidden ?? true),
    mention: route.mention,
    word,
    withdrawals: (before?.withdrawals ?? 0) + (isWithdrawal && !keepsAmber ? 1 : 0),
    withdrawn: withdrawn && word?.n === before?.word?.n,
  }
}

// Slack tells nobody about edits, so the first bad word, a failure after a withdrawal and the recovery are words.
function nextWord(last: Word | undefined, shown: RolloutTransition, withdrawn: boolean): Word | undefined {
  const n = (last?.n ?? 0) + 1
  const mood = moodOf(shown)
  if (mood === 'recovered') return last?.says === 'recovered' ? last : { n, says: 'recovered' }
  if (!isBadWord(shown)) return last
  if (last === undefined || (mood === 'failed' && withdrawn)) return { n, says: 'bad' }
  return last
}

/**
 * A deletion told by itself, as deploy-notifier did: only for a namespace of NAMESPACES, and only where no card that
 * people see is closed by it.
 */
export function deletionCard(
  card: Card | undefined,
  transition: RolloutTransition,
  route: Route,
  now: number,
  rememberedSince: number = Number.NEGATIVE_INFINITY,
): Card | undefined {
  if (transition.kind !== 'deleted' || !transition.rollout.namespaceListed || route.failuresOnly)
    return undefined
  const { story, places = {} } = card ?? {}
  const isClosed =
    story?.kind === 'rollout' &&
    moodOf(story.shown) === 'deleted' &&
    Object.values(places).some((place) => place.card ?? place.intent)
  if (isClosed || route.channels.length === 0 || now - Date.parse(transition.at) > tooOldAfterMs)
    return undefined
  // Nobody saw it go: it may have been told already, before the bucket was lost.
  const isUnsure =
    transition.rollout.reason === notListed && startedMs(transition) < rememberedSince - clockGrainMs
  const told = placesFor({}, route)
  return {
    version: cardVersion,
    story: { ...tell(undefined, transition, route, now), isDeletion: true },
    places: isUnsure ? unsure(told) : told,
    touchedAt: new Date(now).toISOString(),
  }
}

/** Closes a card that a later attempt has overtaken, where nobody said so. A failure stays what it was. */
export function overtake(
  stored: Card,
  next: RolloutTransition,
  now: number,
  rememberedSince: number = Number.NEGATIVE_INFINITY,
): Card {
  const card = doubt(stored, rememberedSince)
  const { story } = card
  if (story.kind !== 'rollout') return stored
  const mood = moodOf(story.shown)
  if (isFinal(mood) || mood === 'failed') return stored
  const { shown } = story
  const { attempt, change, times } = next.rollout
  const rollout = {
    ...shown.rollout,
    phase: 'superseded' as const,
    reason: 'Superseded',
    supersededBy: { attempt, images: change.images },
    times: { ...shown.rollout.times, finishedAt: times.startedAt },
  }
  return {
    ...card,
    story: { ...story, shown: { ...shown, kind: 'superseded', at: next.at, rollout } },
    touchedAt: new Date(now).toISOString(),
  }
}
