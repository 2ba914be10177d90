import type { FakeSlack, SlackMessage } from '@hermod/testkit'

/** One card of a channel as people see it now, and what it said before. */
export interface ShownCard {
  readonly ts: string
  /** The first line. */
  readonly headline: string
  /** Everything it says, without its raw JSON's escapes. */
  readonly text: string
  /** Its first lines, oldest first, repeats left out. */
  readonly headlines: readonly string[]
  /** First lines of the replies below it. */
  readonly replies: readonly string[]
}

/** What stands in a channel: threads belong to their card. */
export function cardsIn(slack: FakeSlack, channel: string): readonly ShownCard[] {
  const messages = slack.messages(channel).filter(({ deletedAt }) => deletedAt === undefined)
  return messages
    .filter(({ threadTs }) => threadTs === undefined)
    .map((message) => ({
      ts: message.ts,
      headline: headlineOf(message),
      text: textOf(message),
      headlines: message.versions.map(headlineOf).filter((line, at, all) => line !== all[at - 1]),
      replies: messages.filter(({ threadTs }) => threadTs === message.ts).map(headlineOf),
    }))
}

type Said = Pick<SlackMessage, 'text' | 'blocks' | 'attachments'>

// The fallback text says the first line in full.
function headlineOf({ text }: Said): string {
  return (text ?? '').split('\n')[0]?.replaceAll('*', '') ?? ''
}

function textOf({ text, blocks, attachments }: Said): string {
  return JSON.stringify({ text, blocks, attachments }).replaceAll('\\n', '\n')
}
