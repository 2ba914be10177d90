// What people write on a Namespace or a Deployment to say who hears of it. The notifier goes by it, and the watcher
// complains of the rest: one statement for both, or a card complains of the channel that it stands in.

export const slackAnnotation = 'hermod.uswitch.com/slack'
export const alertAnnotation = 'hermod.uswitch.com/alert'
export const mentionAnnotation = 'hermod.uswitch.com/mention'

/** Of a list only so many count. */
export const mostListed = 10

export type ChannelRead =
  | { readonly kind: 'channel'; readonly channel: string }
  | { readonly kind: 'refused'; readonly channel: string; readonly problem: string }

const channelId = /^[CG][A-Z0-9]{8,20}$/
const person = /^[DUW][A-Z0-9]{8,20}$/
// Slack's own rule for names, and whatever letters a workspace's language has.
const channelName = /^[\p{L}\p{N}\p{M}_-]{1,80}$/u
const personOrGroup = /^[UWS][A-Z0-9]{2,20}$/

/** `#x`, `x` and `C…` name one kind of thing: a channel, by its name without the mark or by its id. */
export function readChannel(text: string): ChannelRead {
  const channel = text.trim().replace(/^#/, '')
  if (isChannelId(channel)) return { kind: 'channel', channel }
  const wellFormed = channel.toWellFormed()
  if (person.test(channel))
    return { kind: 'refused', channel: wellFormed, problem: 'is a person, not a channel' }
  if (!channelName.test(wellFormed))
    return { kind: 'refused', channel: wellFormed, problem: 'is no name or id of a channel' }
  return { kind: 'channel', channel: channel.toLowerCase() }
}

export function isChannelId(channel: string): boolean {
  return channelId.test(channel)
}

/** What `slack` names, in its order: the first that count, good or not. */
export function readChannels(text: string): ChannelRead[] {
  return listed(text).slice(0, mostListed).map(readChannel)
}

/** Slack's id of whom a message may ping: a person or a group. */
export function isMention(id: string): boolean {
  return personOrGroup.test(id)
}

/** The people and groups whom `mention` names, each once. */
export function readMentions(text: string): string[] {
  const ids = listed(text).filter(isMention)
  return [...new Set(ids)].slice(0, mostListed)
}

export type AlertLevel = 'failure' | 'all'

/** Undefined for any other word: everything is told then, as with `all`. */
export function readAlert(text: string): AlertLevel | undefined {
  return text === 'failure' || text === 'all' ? text : undefined
}

/** The words of an annotation as they were written, by whether anybody goes by them. */
export interface WordsByUse {
  readonly used: readonly string[]
  readonly unused: readonly string[]
}

export function channelsByUse(text: string): WordsByUse {
  const counted = new Set(readChannels(text).map(({ channel }) => channel))
  return byUse(listed(text), (part) => {
    const { kind, channel } = readChannel(part)
    return kind === 'channel' && counted.has(channel)
  })
}

export function mentionsByUse(text: string): WordsByUse {
  const used = new Set(readMentions(text))
  return byUse(listed(text), (part) => used.has(part))
}

/** A level is one word, blanks and all. */
export function alertByUse(text: string): WordsByUse {
  return byUse([text], (word) => readAlert(word) !== undefined)
}

function byUse(words: readonly string[], isUsed: (word: string) => boolean): WordsByUse {
  return { used: words.filter(isUsed), unused: words.filter((word) => !isUsed(word)) }
}

function listed(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '')
}
