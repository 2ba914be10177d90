import { type ReactElement, useSyncExternalStore } from 'react'
import { BoardPage } from './board-page.tsx'
import type { Live } from './live.ts'
import { SlackPage } from './slack-page.tsx'
import { Strip } from './strip.tsx'
import { useTheme } from './theme.ts'

export function App({ live }: { readonly live: Live }): ReactElement {
  const view = useSyncExternalStore(live.subscribe, live.view)
  const isConnected = useSyncExternalStore(live.subscribe, live.isConnected)
  const [theme, changeTheme] = useTheme()
  const isBoard = location.pathname === '/board'
  const here = (is: boolean): 'page' | undefined => (is ? 'page' : undefined)
  return (
    <div className="page">
      <header className="top">
        <h1>Hermod</h1>
        <nav aria-label="Pages">
          {view?.hasSlack !== false && (
            <a href="/" aria-current={here(!isBoard)}>
              Slack
            </a>
          )}
          <a href="/board" aria-current={here(isBoard)}>
            Rollout board
          </a>
        </nav>
        <Strip tally={view?.tally} />
        <p className="connection" role="status">
          {view && !isConnected && 'not connected, trying again'}
        </p>
        <button type="button" onClick={changeTheme}>
          {theme === 'dark' ? 'Light' : 'Dark'}
        </button>
      </header>
      {!view && <main className="empty">Connecting …</main>}
      {view && isBoard && <BoardPage rollouts={view.rollouts} theme={theme} />}
      {view && !isBoard && <SlackPage view={view} look={live.look} theme={theme} />}
    </div>
  )
}
