import type { Card, Effect, Intent, Place, RolloutStory, Sent } from './card.ts'
import { fingerprint } from './fingerprint.ts'
import type { Message } from './message.ts'
import { isFinal, type Mood, moodOf, urgencyOf } from './mood.ts'
import { renderReply, renderStory } from './render.ts'
import type { RenderSettings } from './render-settings.ts'

/** What a place needs next so that Slack has what the card says. */
export type Need =
  | { readonly kind: 'nothing' }
  /** A post may be under way, or was when its sender ended. */
  | { readonly kind: 'settle'; readonly intent: Intent }
  /** It may stand in Slack already, posted before the bucket was lost. */
  | { readonly kind: 'seek'; readonly intent: Intent }
  | {
      readonly kind: 'post'
      readonly effect: Effect
      readonly key: string
      readonly word: number
      readonly message: Message
      readonly print: string
      readonly urgency: number
      /** A card that says no more than that something began. */
      readonly isStart: boolean
      readonly parent?: Sent | undefined
    }
  | {
      readonly kind: 'edit'
      readonly sent: Sent
      readonly message: Message
      readonly print: string
      readonly urgency: number
    }

export interface View {
  readonly settings: RenderSettings
  /** URL of the card that overtook this one, once it is posted. */
  readonly successor?: string | undefined
  /** URL of a message of ours. */
  readonly permalink: (sent: Sent) => string | undefined
}

const nothing: Need = { kind: 'nothing' }
/** What is no rollout's card is looked for so far back. */
const toldBeforeMs = 6 * 3_600_000

/** Decides what to do for one place of a card; `key` is the card's own. */
export function planPlace(key: string, card: Card, place: Place, view: View): Need {
  if (place.intent) return { kind: 'settle', intent: place.intent }
  if (place.givenUp !== undefined) return nothing
  const need = planMessage(key, card, place, view)
  return place.unsure && need.kind === 'post' ? { kind: 'seek', intent: soughtFor(need, card) } : need
}

// What Slack has of it is brought up to date by an edit, whatever it says.
function soughtFor(
  { effect, key, word }: Extract<Need, { kind: 'post' }>,
  { story, touchedAt }: Card,
): Intent {
  const at =
    story.kind === 'rollout' && !story.isDeletion
      ? story.shown.rollout.times.startedAt
      : new Date(Date.parse(touchedAt) - toldBeforeMs).toISOString()
  return { effect, key, word: effect === 'reply' ? word : 0, print: '', at, by: '' }
}

function planMessage(key: string, { story }: Card, place: Place, view: View): Need {
  const urgency = urgencyOfStory(story)
  const about = {
    ...(view.successor !== undefined && { successor: view.successor }),
    ...(place.outdated && { outdated: view.permalink(place.outdated) ?? '' }),
    ...(place.size && { size: place.size }),
    tellsWord: story.kind === 'rollout' && tellsWordItself(story, place),
  }
  if (!place.card && isSilent(story, place, view.settings) && !mayStandOpen(story, place)) return nothing
  const message = renderStory(story, view.settings, about)
  const print = fingerprint(message)
  if (!place.card) {
    const word = story.kind === 'rollout' ? (story.word?.n ?? 0) : 0
    const effectKey = place.anew === 0 ? `${key}#card` : `${key}#card-${place.anew + 1}`
    const isStart = story.kind === 'rollout' && moodOf(story.shown) === 'rolling'
    return { kind: 'post', effect: 'card', key: effectKey, word, message, print, urgency, isStart }
  }
  if (story.kind === 'rollout' && story.word) {
    const reply = renderReply(story, view.settings, about)
    const replyPrint = fingerprint(reply)
    const { n } = story.word
    if (n > place.told) {
      const post = {
        effect: 'reply',
        key: `${key}#reply-${n}`,
        word: n,
        message: reply,
        print: replyPrint,
      } as const
      return { kind: 'post', ...post, urgency: 0, isStart: false, parent: place.card }
    }
    if (place.card.print === print && place.reply?.word === n && place.reply.print !== replyPrint)
      return { kind: 'edit', sent: place.reply, message: reply, print: replyPrint, urgency }
  }
  return place.card.print === print ? nothing : { kind: 'edit', sent: place.card, message, print, urgency }
}

// What was never said and is over without a result need not be said; what a digest told is told.
function isSilent(story: Card['story'], place: Place, { style }: RenderSettings): boolean {
  if (story.kind !== 'rollout') return false
  const mood = moodOf(story.shown)
  if (place.digested?.epoch === story.epoch && place.digested.n === story.n) return true
  if (style === 'plain' && !results.includes(mood)) return true
  const isOver = mood === 'released' || (mood === 'deleted' && !story.isDeletion)
  return story.hidden || (isOver && place.anew === 0)
}

// What nobody would post may stand in Slack all the same, and then its end is told there.
function mayStandOpen(story: Card['story'], place: Place): boolean {
  return place.unsure === true && story.kind === 'rollout' && isFinal(moodOf(story.shown))
}

// deploy-notifier spoke of results alone.
const results: readonly Mood[] = ['live', 'recovered', 'failed', 'deleted']

/** The first post is itself the bad word: it carries the mention, and there is no reply. */
function tellsWordItself({ word }: RolloutStory, place: Place): boolean {
  if (word?.says !== 'bad') return false
  return place.card ? place.told >= word.n && place.reply?.word !== word.n : true
}

function urgencyOfStory(story: Card['story']): number {
  return story.kind === 'rollout' ? urgencyOf[moodOf(story.shown)] : urgencyOf.live
}
