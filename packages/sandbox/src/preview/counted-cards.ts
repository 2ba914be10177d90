import type { FakeSlack, SlackMessage } from '@hermod/testkit'
import { linesOf } from '../slack-text.ts'
import { metadataKey, rolloutOfKey } from './slack-feed.ts'
import type { CountedCard } from './tally.ts'

/** The cards that stand in Slack now, replies left out. */
export function countedCards(slack: Pick<FakeSlack, 'channels' | 'messages'>): CountedCard[] {
  return slack.channels.flatMap(({ id }) => slack.messages(id)).flatMap(countedCard)
}

function countedCard(message: SlackMessage): CountedCard[] {
  const key = metadataKey(message)
  const isCard = key !== undefined && !key.includes('#reply-') && message.deletedAt === undefined
  if (!isCard) return []
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
