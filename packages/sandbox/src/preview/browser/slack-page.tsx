import { type ReactElement, useEffect, useState } from 'react'
import type { ShownMessage } from '../preview-state.ts'
import { MessageList } from './message-list.tsx'
import { SideBar } from './side-bar.tsx'
import { StoryPane } from './story-pane.tsx'
import type { Theme } from './theme.ts'
import type { View } from './view.ts'

interface SlackPageProps {
  readonly view: View
  readonly look: (channel: string) => void
  readonly theme: Theme
}

type Beside = { readonly kind: 'thread' | 'story'; readonly ts: string } | undefined

const none: readonly ShownMessage[] = []

export function SlackPage({ view, look, theme }: SlackPageProps): ReactElement {
  const [chosen, setChosen] = useState<string>()
  const [beside, setBeside] = useState<Beside>()
  const channel = view.channels.find(({ id }) => id === chosen) ?? view.channels[0]
  const messages = (channel && view.messages.get(channel.id)) ?? none
  const story = beside?.kind === 'story' ? messages.find(({ ts }) => ts === beside.ts) : undefined
  const openStory = (ts: string): void =>
    setBeside((now) => (now?.kind === 'story' && now.ts === ts ? undefined : { kind: 'story', ts }))
  useEffect(() => {
    if (channel) look(channel.id)
  })
  useEffect(() => {
    const unread = [...view.unread.values()].reduce((sum, each) => sum + each, 0)
    document.title = unread > 0 ? `(${unread}) Hermod` : 'Hermod'
  }, [view.unread])
  useEffect(() => {
    const close = ({ key }: KeyboardEvent): void => void (key === 'Escape' && setBeside(undefined))
    addEventListener('keydown', close)
    return () => removeEventListener('keydown', close)
  }, [])
  return (
    <div className="slack" data-beside={beside !== undefined}>
      <SideBar
        view={view}
        chosen={channel?.id}
        onChoose={(id) => {
          setChosen(id)
          setBeside(undefined)
        }}
      />
      <main className="channel">
        <header>
          <h2>{channel ? `# ${channel.name}` : 'No channel yet'}</h2>
          <p className="context">
            What a team would read in its Slack. Roll something out or break something beside it; “Behind it”
            shows what led to a message.
          </p>
        </header>
        {messages.length === 0 && (
          <p className="empty">Cards appear here as soon as something is rolled out.</p>
        )}
        <MessageList
          key={channel?.id}
          label={channel ? `Messages in ${channel.name}` : 'Messages'}
          place="channel"
          messages={messages}
          theme={theme}
          selected={story?.ts}
          onThread={(ts) => setBeside({ kind: 'thread', ts })}
          onStory={openStory}
        />
      </main>
      {beside && (
        <aside className="beside" aria-label={beside.kind === 'thread' ? 'Thread' : 'Behind this message'}>
          <header>
            <h2>{beside.kind === 'thread' ? 'Thread' : 'Behind this message'}</h2>
            <button type="button" onClick={() => setBeside(undefined)}>
              Close
            </button>
          </header>
          {beside.kind === 'thread' && (
            <MessageList
              key={beside.ts}
              label="Messages of the thread"
              place="thread"
              messages={messages.filter(({ ts, threadTs }) => ts === beside.ts || threadTs === beside.ts)}
              theme={theme}
              selected={undefined}
              onStory={openStory}
            />
          )}
          {story && <StoryPane message={story} transitions={view.transitions} />}
        </aside>
      )}
    </div>
  )
}
