import { type KeyboardEvent, type ReactElement, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { ShownMessage } from '../preview-state.ts'
import { SlackMessage } from './slack-message.tsx'
import type { Theme } from './theme.ts'
import { isInChannel } from './view.ts'

interface MessageListProps {
  readonly label: string
  readonly place: 'channel' | 'thread'
  readonly messages: readonly ShownMessage[]
  readonly theme: Theme
  readonly selected: string | undefined
  readonly onThread?: (ts: string) => void
  readonly onStory: (ts: string) => void
}

// A channel's past is drawn when asked for: 500 cards at once would keep the page from answering.
const pageOf = 50
const nearEndPixels = 80

export function MessageList(props: MessageListProps): ReactElement {
  const { label, place, messages, theme, selected, onThread, onStory } = props
  const [limit, setLimit] = useState(pageOf)
  const list = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const latest = useRef({ onThread, onStory })
  latest.current = { onThread, onStory }
  // Of one identity for ever, so that no message is drawn again for their sake.
  const stable = useMemo(
    () => ({
      onThread: (ts: string) => latest.current.onThread?.(ts),
      onStory: (ts: string) => latest.current.onStory(ts),
    }),
    [],
  )
  const replies = useMemo(() => {
    const counts = new Map<string, number>()
    for (const { threadTs } of messages) if (threadTs) counts.set(threadTs, (counts.get(threadTs) ?? 0) + 1)
    return counts
  }, [messages])
  const all = place === 'channel' ? messages.filter(isInChannel) : messages
  const shown = all.slice(-limit)
  useLayoutEffect(() => {
    if (isAtEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight
  })
  const noteScroll = (): void => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = list.current ?? {}
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < nearEndPixels
  }
  return (
    // A place that scrolls is reached and walked through by keyboard too.
    <section
      className="messages"
      ref={list}
      aria-label={label}
      tabIndex={0}
      onScroll={noteScroll}
      onKeyDown={walk}
    >
      {all.length > shown.length && (
        <button type="button" className="earlier" onClick={() => setLimit(limit + pageOf)}>
          {Math.min(pageOf, all.length - shown.length)} earlier messages
        </button>
      )}
      {shown.map((message) => (
        <SlackMessage
          key={message.ts}
          message={message}
          replies={place === 'channel' ? (replies.get(message.ts) ?? 0) : 0}
          theme={theme}
          isSelected={message.ts === selected}
          place={place}
          onStory={stable.onStory}
          {...(onThread && { onThread: stable.onThread })}
        />
      ))}
    </section>
  )
}

/** Up and down go from message to message. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('article')]
  const at = all.findIndex((each) => each.contains(document.activeElement))
  const next = at < 0 ? all.at(-1) : all[at + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}
