/** What waits to be published of one Deployment. */
export interface Held<T> {
  readonly observation: T
  /** `lasting` is never overwritten; `changed` and `progress` give way to whatever is newer. */
  readonly kind: 'lasting' | 'changed' | 'progress'
}

/** One Deployment's place in line: at most one observation in flight, the rest in order behind it. */
export interface Line<T> {
  readonly held: readonly Held<T>[]
  readonly inFlight: boolean
  /** When the last one was handed over; -Infinity = never. */
  readonly sentAtMs: number
}

export const emptyLine: Line<never> = { held: [], inFlight: false, sentAtMs: Number.NEGATIVE_INFINITY }

const progressEveryMs = 2_000
const mostHeld = 16

/** Puts an observation at the end of the line; `dropped` counts the lasting ones that no longer fit. */
export function hold<T>(line: Line<T>, next: Held<T>): { readonly line: Line<T>; readonly dropped: number } {
  // What takes the place of a change brings it along, so it waits no longer than that would have.
  const urgent = next.kind === 'progress' && line.held.some(({ kind }) => kind === 'changed')
  const last: Held<T> = urgent ? { ...next, kind: 'changed' } : next
  const held = [...line.held.filter(({ kind }) => kind === 'lasting'), last]
  const dropped = Math.max(0, held.length - mostHeld)
  return { line: { ...line, held: held.slice(dropped) }, dropped }
}

export type Turn<T> =
  | { readonly kind: 'send'; readonly observation: T; readonly line: Line<T> }
  /** Nothing may go before `atMs`. */
  | { readonly kind: 'wait'; readonly atMs: number }
  | { readonly kind: 'idle' }

/** Whose turn it is: the first of the line, unless one is in flight or it is mere progress and came too soon. */
export function takeTurn<T>(line: Line<T>, nowMs: number): Turn<T> {
  const [first, ...rest] = line.held
  if (first === undefined || line.inFlight) return { kind: 'idle' }
  const dueMs = first.kind === 'progress' ? line.sentAtMs + progressEveryMs : nowMs
  if (nowMs < dueMs) return { kind: 'wait', atMs: dueMs }
  const { observation } = first
  return { kind: 'send', observation, line: { held: rest, inFlight: true, sentAtMs: nowMs } }
}

/** The one in flight was stored. */
export function settled<T>(line: Line<T>): Line<T> {
  return { ...line, inFlight: false }
}
