import { fit } from './fit.ts'

export type ChannelRead =
  | { readonly kind: 'channel'; readonly channel: string }
  | { readonly kind: 'refused'; readonly channel: string; readonly problem: string }

const id = /^[CG][A-Z0-9]{8,20}$/
const person = /^[DUW][A-Z0-9]{8,20}$/
// Slack's own rule for names, and whatever letters a workspace's language has.
const name = /^[\p{L}\p{N}\p{M}_-]{1,80}$/u

/** `#x`, `x` and `C…` name one kind of thing: a channel, by its name without the mark or by its id. */
export function readChannel(text: string): ChannelRead {
  const channel = text.trim().replace(/^#/, '')
  if (id.test(channel)) return { kind: 'channel', channel }
  if (person.test(channel)) return refused(channel, 'is a person, not a channel')
  if (!name.test(channel.toWellFormed())) return refused(channel, 'is no name or id of a channel')
  return { kind: 'channel', channel: channel.toLowerCase() }
}

export function isChannelId(channel: string): boolean {
  return id.test(channel)
}

// What is no channel may be anything of any length.
function refused(channel: string, problem: string): ChannelRead {
  return { kind: 'refused', channel: fit(channel.toWellFormed(), 60), problem }
}
