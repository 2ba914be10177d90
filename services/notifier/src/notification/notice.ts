import type { NoticeStory } from './card.ts'
import { code, plainText } from './escape.ts'
import { type Message, message } from './message.ts'

const remedies: Readonly<Record<string, string>> = {
  channel_not_found: 'create it or name another; if it is private, invite the app there',
  not_in_channel: 'invite the app there',
  is_archived: 'unarchive it, or name another channel',
  restricted_action: 'let the app post there, or name another channel',
}

/** For the fallback channel: a channel that cannot take cards, and what to do about it. */
export function renderNotice({ channel, problem, example }: NoticeStory): Message {
  const name = /^[CG][A-Z0-9]{8,}$/.test(channel) ? plainText(channel) : `#${plainText(channel)}`
  const remedy = remedies[problem] ?? 'name another channel, or let the app post there'
  return message(`⚠ Hermod cannot post to ${name} (${code(problem)})`, {
    colour: '#ecb22e',
    lines: [
      `For example ${plainText(example)} waits for it. To mend it: ${remedy}.`,
      'What waits is kept for 7 days and posted as soon as the channel takes it.',
    ],
    small: [],
  })
}
