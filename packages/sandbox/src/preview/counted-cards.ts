import type { FakeSlack, SlackMessage } from '@hermod/testkit'
import { linesOf } from '../slack-text.ts'
import { metadataKey, rolloutOfKey } from './slack-feed.ts'
import type { CountedCard } from './tally.ts'

/** The cards that stand in Slack now, replies left out. */
export function countedCards(slack: Pick<FakeSlack, 'channels' | 'messages'>): CountedCard[] {
  return slack.channels.flatMap(({ id }) => slack.messages(id)).flatMap(countedCard)
}

// They are counted twice a second, and after some hours there are thousands: an edit makes a new object, and no other is
// read again.
const read = new WeakMap<SlackMessage, readonly CountedCard[]>()

function countedCard(message: SlackMessage): readonly CountedCard[] {
  if (message.deletedAt !== undefined) return []
  const card = read.get(message) ?? readCard(message)
  read.set(message, card)
  return card
}

function readCard(message: SlackMessage): readonly CountedCard[] {
  const key = metadataKey(message)
  if (key === undefined || key.includes('#reply-')) return []
  const text = linesOf(message).join('\n')
  const says = endOf(text.split('\n')[0] ?? '')
  return [
    { channel: message.channel, rollout: rolloutOfKey(key), text, says, postedAt: Number(message.ts) * 1000 },
  ]
}

// By the words people read, for those are what was promised; a colour is missing where one line says it all.
function endOf(firstLine: string): CountedCard['says'] {
  if (/ failed\b/.test(firstLine)) return 'failed'
  if (/ is (?:live|rolled back)\b| has restarted\b| live after all/.test(firstLine)) return 'complete'
  return /overtaken|was deleted|no longer watched/.test(firstLine) ? 'other end' : 'open'
}
