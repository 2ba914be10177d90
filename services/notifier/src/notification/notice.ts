import { isChannelId } from '@hermod/contracts'
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
export function renderNotice(notice: NoticeStory): Message {
  const { text, lines } = notice.instead === undefined ? unable(notice) : refused(notice, notice.instead)
  return message(text, { colour: '#ecb22e', lines, small: [] })
}

interface Words {
  readonly text: string
  readonly lines: readonly string[]
}

function unable({ channel, problem, example }: NoticeStory): Words {
  const remedy = remedies[problem] ?? 'name another channel, or let the app post there'
  return {
    text: `⚠ Hermod cannot post to ${nameOf(channel)} (${code(problem)})`,
    lines: [
      `For example ${plainText(example)} waits for it. To mend it: ${remedy}.`,
      'What waits is kept for 7 days and posted as soon as the channel takes it.',
    ],
  }
}

function refused({ channel, problem, example }: NoticeStory, instead: readonly string[]): Words {
  const where = instead.length === 0 ? 'nowhere' : `in ${instead.map(nameOf).join(', ')} instead`
  return {
    text: `⚠ Hermod does not post to ${nameOf(channel)}: it ${plainText(problem)}`,
    lines: [
      `For example ${plainText(example)} names it; that is told ${where}.`,
      'To mend it: correct the annotation `hermod.uswitch.com/slack` of the Deployment or its Namespace.',
    ],
  }
}

function nameOf(channel: string): string {
  return isChannelId(channel) ? plainText(channel) : `#${plainText(channel)}`
}
