import type { KnownBlock, MessageAttachment } from '@slack/types'
import type { Mood } from './mood.ts'

/**
 * A message as Slack takes it. `text` is shown as its first line, read out in notifications and the only place
 * where a mention pings; the rest stands beside the coloured bar of the attachment.
 */
export interface Message {
  readonly text: string
  readonly attachments: MessageAttachment[]
}

export const colours: Readonly<Record<Mood, string>> = {
  rolling: '#1d9bd1',
  paused: '#e8912d',
  stuck: '#ecb22e',
  failed: '#e01e5a',
  live: '#2eb67d',
  recovered: '#2eb67d',
  superseded: '#9e9e9e',
  deleted: '#9e9e9e',
  released: '#9e9e9e',
}

interface Body {
  readonly colour: string
  readonly lines: readonly string[]
  readonly small: readonly string[]
}

/** Puts a message together. Without lines there is no attachment: the first line says it all. */
export function message(text: string, body: Body | undefined): Message {
  if (!body || body.lines.length + body.small.length === 0) return { text, attachments: [] }
  const blocks: KnownBlock[] = []
  // `verbatim`: Slack makes no links, channels or pings of what merely looks like one.
  const mrkdwn = (line: string) => ({ type: 'mrkdwn' as const, text: line, verbatim: true })
  for (const lines of sections(body.lines)) blocks.push({ type: 'section', text: mrkdwn(lines) })
  if (body.small.length > 0) blocks.push({ type: 'context', elements: body.small.map(mrkdwn) })
  return { text, attachments: [{ color: body.colour, fallback: text, blocks }] }
}

/** Slack takes 3,000 characters in one. */
const sectionRoom = 2_900

/** The lines, in as few sections as take them. */
function sections(lines: readonly string[]): string[] {
  const filled: string[] = []
  for (const line of lines) {
    const longer = [...filled.slice(-1), line].join('\n')
    if (filled.length > 0 && longer.length <= sectionRoom) filled[filled.length - 1] = longer
    else filled.push(line)
  }
  return filled
}
