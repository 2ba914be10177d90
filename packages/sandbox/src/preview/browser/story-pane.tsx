import { type ReactElement, type ReactNode, useEffect, useState } from 'react'
import { linesOf } from '../../slack-text.ts'
import type { MessageLook, MessageStory, ShownCall, ShownMessage, ShownTransition } from '../preview-state.ts'
import { clockText } from './clock-text.ts'

interface StoryPaneProps {
  readonly message: ShownMessage
  /** Changes whenever there may be more to tell. */
  readonly transitions: number
}

/** Cause and effect: what NATS said of the rollout, what was asked of Slack, and what the message then said. */
export function StoryPane({ message, transitions }: StoryPaneProps): ReactElement {
  const { channel, ts, versions } = message
  const [story, setStory] = useState<MessageStory>()
  useEffect(() => {
    const over = new AbortController()
    const load = async (): Promise<void> => {
      const query = new URLSearchParams({ channel, ts })
      const answer = await fetch(`/api/story?${query.toString()}`, { signal: over.signal })
      if (answer.ok) setStory((await answer.json()) as MessageStory)
    }
    load().catch(() => undefined)
    return () => over.abort()
  }, [channel, ts, versions, transitions])
  if (!story) return <p className="empty">Reading …</p>
  return (
    <ol className="story" aria-label="What led to it" tabIndex={0}>
      {entriesOf(story).map(({ at, key, shown }) => (
        <li key={key}>
          <time className="context">{clockText.millis(at)}</time>
          {shown}
        </li>
      ))}
    </ol>
  )
}

interface Entry {
  readonly at: number
  readonly key: string
  readonly shown: ReactNode
}

/** In order of time; what a message says follows the call that made it say so. */
function entriesOf({ transitions, calls, versions }: MessageStory): Entry[] {
  return [
    ...transitions.map(
      (each, index): Entry => ({
        at: Date.parse(each.at),
        key: `transition-${index}`,
        shown: <Transition transition={each} />,
      }),
    ),
    ...calls.map((each): Entry => ({ at: each.at, key: `call-${each.id}`, shown: <Call call={each} /> })),
    ...versions.map(
      (each, index): Entry => ({
        at: each.at,
        key: `version-${index}`,
        shown: (
          <p>
            <b className="kind">says</b> {newsOf(each, versions[index - 1])}
          </p>
        ),
      }),
    ),
  ].sort((a, b) => a.at - b.at)
}

/** What people read anew: of an edit the lines that were not there before. */
function newsOf(version: MessageLook, before: MessageLook | undefined): string {
  const lines = linesOf(version)
  const known = new Set(before && linesOf(before))
  const anew = lines.filter((line) => !known.has(line))
  return (before && anew.length > 0 ? anew : lines.slice(0, 1)).join(' / ').replaceAll('*', '')
}

function Transition({ transition }: { readonly transition: ShownTransition }): ReactElement {
  const { kind, reason, counts } = transition
  return (
    <p>
      <b className="kind">NATS</b> {kind} ({reason}), {counts}
    </p>
  )
}

function Call({ call }: { readonly call: ShownCall }): ReactElement {
  const { method, outcome, status, tookMs, args } = call
  const took = tookMs === undefined ? '' : `, ${tookMs} ms`
  return (
    <details>
      <summary>
        <b className="kind">Slack</b> {method}: {outcome}
        {status === undefined ? '' : ` (${status})`}
        {took}
      </summary>
      <pre tabIndex={0}>{JSON.stringify(args, undefined, 2)}</pre>
    </details>
  )
}
