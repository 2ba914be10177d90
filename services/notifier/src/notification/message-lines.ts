import type { KnownBlock } from '@slack/types'
import type { Message } from './message.ts'

/** What a message says, line by line, for a terminal; Slack's own marks stay as they are. */
export function messageLines({ text, attachments }: Message): readonly string[] {
  // Ours hold no other kinds of blocks.
  const blocks = attachments.flatMap((attachment) => (attachment.blocks ?? []) as readonly KnownBlock[])
  const texts = blocks.flatMap((block) => {
    if (block.type === 'section') return [block.text?.text ?? '']
    if (block.type !== 'context') return []
    return block.elements.map((element) => (element.type === 'mrkdwn' ? element.text : ''))
  })
  return [text, ...texts].flatMap((each) => each.split('\n'))
}
