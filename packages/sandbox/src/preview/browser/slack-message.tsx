import { memo, type ReactElement, type ReactNode } from 'react'
import { type Block, Message } from 'slack-blocks-to-jsx'
import type { MessageLook, ShownMessage } from '../preview-state.ts'
import { clockText } from './clock-text.ts'
import { slackDate } from './slack-date.ts'
import type { Theme } from './theme.ts'

interface MessageProps {
  readonly message: ShownMessage
  readonly replies: number
  readonly theme: Theme
  readonly isSelected: boolean
  /** Where it is shown: a broadcast reply says in the channel where it belongs. */
  readonly place: 'channel' | 'thread'
  readonly onThread?: (ts: string) => void
  readonly onStory: (ts: string) => void
}

/** One message as Slack draws it. Memoized: an edit elsewhere costs it nothing. */
export const SlackMessage: (props: MessageProps) => ReactNode = memo(function SlackMessage(
  props: MessageProps,
) {
  const { message, replies, theme, isSelected, place, onThread, onStory } = props
  const { ts, threadTs, author, marked } = message
  const name = author === 'bot' ? 'Hermod' : 'Someone else'
  const root = threadTs ?? ts
  return (
    <article className="message" data-ts={ts} data-selected={isSelected} tabIndex={-1}>
      <div className="avatar" data-author={author} aria-hidden="true">
        {name[0]}
      </div>
      <div className="body">
        <header>
          <strong>{name}</strong> {author === 'bot' && <span className="app">APP</span>} <Clock ts={ts} />
          <button type="button" className="why" aria-pressed={isSelected} onClick={() => onStory(ts)}>
            Behind it
          </button>
        </header>
        {place === 'channel' && threadTs !== undefined && onThread && (
          <p className="context">
            replied to a thread:{' '}
            <button type="button" className="link" onClick={() => onThread(root)}>
              show the thread
            </button>
          </p>
        )}
        <div className="look">
          <Look look={message} theme={theme} />
        </div>
        {marked && <small className="context">(edited)</small>}
        {replies > 0 && onThread && (
          <button type="button" className="replies" onClick={() => onThread(root)}>
            {replies === 1 ? '1 reply' : `${replies} replies`}
          </button>
        )}
      </div>
    </article>
  )
})

function Clock({ ts }: { readonly ts: string }): ReactElement {
  const at = Number(ts) * 1000
  return (
    <time className="context" dateTime={new Date(at).toISOString()} title={clockText.whole(at)}>
      {clockText.minutes(at)}
    </time>
  )
}

/** Text, blocks and attachments. As in Slack, the text is shown unless there are blocks. */
function Look({ look, theme }: { readonly look: MessageLook; readonly theme: Theme }): ReactElement {
  const { text, blocks = [], attachments = [] } = look
  const own = blocks.length > 0 ? blocks : text ? [sectionOf(text)] : []
  return (
    <>
      <Blocks blocks={own} theme={theme} />
      {attachments.map((attachment, index) => (
        // Attachments have no identity but their place.
        <Attachment key={index} attachment={attachment as AttachmentLook} theme={theme} />
      ))}
    </>
  )
}

interface AttachmentLook {
  readonly color?: string
  readonly text?: string
  readonly fallback?: string
  readonly blocks?: readonly unknown[]
}

function Attachment({
  attachment: { color, text, fallback, blocks = [] },
  theme,
}: {
  readonly attachment: AttachmentLook
  readonly theme: Theme
}): ReactElement {
  const line = text ?? fallback
  const shown = blocks.length > 0 ? blocks : line ? [sectionOf(line)] : []
  return (
    <div className="attachment">
      <div className="bar" data-color={color} style={color === undefined ? {} : { backgroundColor: color }} />
      <Blocks blocks={shown} theme={theme} />
    </div>
  )
}

// To Slack `verbatim` means that nothing is linked that merely looks like a link; the renderer takes it for plain text.
function asRenderer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asRenderer)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'verbatim')
  return Object.fromEntries(kept.map(([name, item]) => [name, asRenderer(item)]))
}

function sectionOf(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } }
}

function Blocks({
  blocks,
  theme,
}: {
  readonly blocks: readonly unknown[]
  readonly theme: Theme
}): ReactNode {
  if (blocks.length === 0) return null
  return (
    <div className="blocks">
      <Message
        blocks={blocks.map(asRenderer) as Block[]}
        theme={theme}
        withoutWrapper
        logo=""
        name=""
        hooks={hooks}
      />
    </div>
  )
}

const hooks = {
  date: ({
    timestamp,
    format,
    fallback,
  }: {
    timestamp: string
    format: string
    fallback: string
  }): ReactNode => <time title={fallback}>{slackDate(timestamp, format, fallback)}</time>,
  user: ({ name }: { name: string }): ReactNode => <span className="mention">@{name}</span>,
  usergroup: ({ name }: { name: string }): ReactNode => <span className="mention">@{name}</span>,
  channel: ({ name }: { name: string }): ReactNode => <span className="mention">#{name}</span>,
}
