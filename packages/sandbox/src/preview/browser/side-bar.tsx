import { type ReactElement, type ReactNode, useState } from 'react'
import type { ShownButton } from '../preview-state.ts'
import type { View } from './view.ts'

interface SideBarProps {
  readonly view: View
  readonly chosen: string | undefined
  readonly onChoose: (channel: string) => void
}

export function SideBar({ view, chosen, onChoose }: SideBarProps): ReactElement {
  const { channels, unread, buttons } = view
  return (
    <div className="side">
      <nav aria-label="Channels">
        <h2>Channels</h2>
        <ul>
          {channels.map(({ id, name }) => {
            const news = id === chosen ? 0 : (unread.get(id) ?? 0)
            return (
              <li key={id}>
                <button
                  type="button"
                  className="channel-name"
                  aria-current={id === chosen ? 'true' : undefined}
                  data-unread={news > 0}
                  onClick={() => onChoose(id)}
                >
                  <span># {name}</span>
                  {news > 0 && (
                    <span className="badge">
                      {news}
                      <span className="unseen"> unread</span>
                    </span>
                  )}
                </button>
              </li>
            )
          })}
        </ul>
      </nav>
      <Buttons title="Roll something out" buttons={buttons.filter(({ group }) => group === 'play')} />
      <Buttons title="Break it" buttons={buttons.filter(({ group }) => group !== 'play')} />
    </div>
  )
}

function Buttons({
  title,
  buttons,
}: {
  readonly title: string
  readonly buttons: readonly ShownButton[]
}): ReactNode {
  // Where there is little room, messages come first.
  const [isOpen, setOpen] = useState(() => matchMedia('(min-width: 801px)').matches)
  if (buttons.length === 0) return null
  return (
    <section className="buttons" aria-label={title}>
      <h2>
        <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {title}
        </button>
      </h2>
      {isOpen && buttons.map((button) => <PressButton key={button.id} button={button} />)}
    </section>
  )
}

function PressButton({ button: { id, label, news, group } }: { readonly button: ShownButton }): ReactElement {
  const [problem, setProblem] = useState<string>()
  const press = async (): Promise<void> => {
    try {
      const { ok, status } = await fetch(`/api/press/${id}`, { method: 'POST' })
      setProblem(ok ? undefined : `refused (${status})`)
    } catch {
      setProblem('not connected')
    }
  }
  return (
    <button type="button" data-group={group} title={label} onClick={() => void press()}>
      <span>{label}</span>
      <small role="status" title={problem ?? news}>
        {problem ?? news}
      </small>
    </button>
  )
}
