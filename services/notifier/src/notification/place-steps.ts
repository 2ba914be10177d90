// What becomes of a place when something was sent, or was not. Each step is safe to repeat on a newer card.
import type { Card, Intent, Place, Sent } from './card.ts'

export type PlaceStep = (place: Place) => Place

/** The card with one place changed; the same card if that changed nothing. */
export function changePlace(card: Card, channel: string, step: PlaceStep): Card {
  const place = card.places[channel]
  const changed = place && step(place)
  return changed === undefined || changed === place
    ? card
    : { ...card, places: { ...card.places, [channel]: changed } }
}

/**
 * The stored card. Where it knows less of the channel than the one in memory, the bucket was set back, and Slack may have more
 * than it says.
 */
export function doubtIfLess(stored: Card, known: Card, channel: string): Card {
  const [there, before] = [stored.places[channel], known.places[channel]]
  if (there === undefined || before === undefined || there.unsure) return stored
  const isLess = (before.card !== undefined && there.card === undefined) || before.told > there.told
  return isLess ? changePlace(stored, channel, (place) => ({ ...place, unsure: true })) : stored
}

/** Written before a post: only one may be under way. */
export function intend(intent: Intent): PlaceStep {
  return (place) => (place.intent ? place : { ...place, intent })
}

/** The post that `intent` announced is in the channel, though the bucket may have lost the intent since. */
export function posted(intent: Intent, channel: string, ts: string): PlaceStep {
  return (place) => {
    if (place.intent ? place.intent.key !== intent.key : hasIt(place, intent)) return place
    const { intent: _, parked: _parked, ...rest } = place
    const told = withSent(rest, intent, { channel, ts, print: intent.print })
    // A reply whose card the bucket has lost since: that stands as well.
    return told.card ? told : { ...told, unsure: true }
  }
}

/** It is known that the post never reached the channel. Another sender's of the same key may be under way. */
export function notPosted(intent: Intent): PlaceStep {
  return (place) => {
    const { intent: stored, ...rest } = place
    const isSame = stored?.key === intent.key && stored.at === intent.at && stored.by === intent.by
    return isSame ? rest : place
  }
}

/** What was sought stands in the channel. Is it a card, its thread may hold a reply that nobody knows of either. */
export function found(sought: Intent, channel: string, ts: string): PlaceStep {
  return (place) => {
    if (!place.unsure || place.intent) return place
    const { unsure, ...rest } = place
    const kept = sought.effect === 'card' || !place.card ? { ...rest, unsure } : rest
    return withSent(kept, sought, { channel, ts, print: sought.print })
  }
}

/** What was sought is not in the channel, or cannot be looked for. */
export function notFound(sought: Intent): PlaceStep {
  return (place) => {
    const isOfLostCard = sought.effect === 'reply' && !place.card
    if (!place.unsure || place.intent || isOfLostCard) return place
    const { unsure: _, ...rest } = place
    return rest
  }
}

function hasIt(place: Place, { effect, word }: Intent): boolean {
  return effect === 'card' ? place.card !== undefined : place.told >= word
}

function withSent(place: Place, { effect, word }: Intent, sent: Sent): Place {
  const told = Math.max(place.told, word)
  return effect === 'card' ? { ...place, told, card: sent } : { ...place, told, reply: { ...sent, word } }
}

/** The message with this ts says what `print` stands for. One that the bucket has lost since has to be found again. */
export function edited(ts: string, print: string): PlaceStep {
  return (place) => {
    if (place.card?.ts === ts)
      return place.card.print === print ? place : { ...place, card: { ...place.card, print } }
    if (place.reply?.ts === ts) return { ...place, reply: { ...place.reply, print } }
    return place.outdated?.ts === ts ? place : { ...place, unsure: true }
  }
}

/** Slack no longer edits this message: a card is posted anew, a reply stays as it is. */
export function uneditable(ts: string, print: string): PlaceStep {
  return (place) => {
    if (place.card?.ts !== ts) return edited(ts, print)(place)
    const { card, reply: _, ...rest } = place
    return { ...rest, outdated: card, anew: place.anew + 1 }
  }
}

/** Slack refuses this form: the next smaller one; after the smallest the card is parked. `at` is RFC 3339. */
export function refused(reason: string, at: string): PlaceStep {
  return (place) => {
    if (place.size === undefined) return { ...place, size: 'small' }
    return place.size === 'small' ? { ...place, size: 'plain' } : park(reason, at)(place)
  }
}

const parkedAtMostMs = 7 * 24 * 3_600_000

/** The channel cannot take it for now, and after a week not at all. `at` is RFC 3339. */
export function park(reason: string, at: string): PlaceStep {
  return (place) => {
    const since = place.parked?.since ?? at
    if (Date.parse(at) - Date.parse(since) > parkedAtMostMs) return { ...place, givenUp: reason }
    return place.parked?.reason === reason ? place : { ...place, parked: { reason, since } }
  }
}
