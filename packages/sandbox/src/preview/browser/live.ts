// Owns the page's connection to its server. It goes on by itself after any gap, and starts anew where that cannot be.
import type { PreviewEvent, PreviewState } from '../preview-state.ts'
import { afterEvent, afterLook, type View, viewOf } from './view.ts'

export interface Live {
  readonly view: () => View | undefined
  readonly isConnected: () => boolean
  readonly look: (channel: string) => void
  /** Returns what ends it. */
  readonly subscribe: (listener: () => void) => () => void
}

const againMs = 1_000

export function goLive(): Live {
  const listeners = new Set<() => void>()
  let view: View | undefined
  let connected = false
  let waiting: PreviewEvent[] = []
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  // However many edits come, there is one change of the page per frame.
  const take = (event: PreviewEvent): void => {
    waiting.push(event)
    if (waiting.length === 1) requestAnimationFrame(applyAll)
  }
  const applyAll = (): void => {
    const events = waiting
    waiting = []
    if (view) view = events.reduce(afterEvent, view)
    tell()
  }
  const start = async (): Promise<void> => {
    try {
      const answer = await fetch('/api/state')
      const state = (await answer.json()) as PreviewState
      view = viewOf(state)
      waiting = []
      follow(state.lastEventId)
    } catch {
      setTimeout(() => void start(), againMs)
    }
    tell()
  }
  const follow = (after: number): void => {
    const source = new EventSource(`/api/events?after=${after}`)
    const setConnected = (now: boolean): void => {
      connected = now
      tell()
    }
    source.addEventListener('open', () => setConnected(true))
    source.addEventListener('error', () => setConnected(false))
    source.addEventListener('message', ({ data }) => take(JSON.parse(data) as PreviewEvent))
    source.addEventListener('reset', () => {
      source.close()
      void start()
    })
  }
  void start()
  return {
    view: () => view,
    isConnected: () => connected,
    look(channel) {
      if (!view?.unread.has(channel)) return
      view = afterLook(view, channel)
      tell()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
