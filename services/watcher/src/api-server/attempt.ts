import type { ApiTransport } from './api-transport.ts'
import type { Change, KnownObjects } from './known-objects.ts'
import type { Ending, ListCause, ReflectorState } from './reflector-state.ts'

/** What a reflector reports, in order. */
export type Reflected<T> =
  /** A watch is open: what happens from now on will be seen. */
  | { readonly kind: 'opened' }
  /** `readAt`: when their bytes came, in monotonic milliseconds. */
  | { readonly kind: 'changes'; readonly changes: readonly Change<T>[]; readonly readAt: number }
  /** Every object and every deletion up to here has been reported. */
  | { readonly kind: 'listed'; readonly cause: ListCause }
  /** A request ended in this way; the next one follows after `delayMs`. */
  | {
      readonly kind: 'ended'
      readonly ending: Ending
      readonly next: ReflectorState
      readonly delayMs: number
    }

export interface Collection<T> {
  readonly transport: ApiTransport
  /** `/apis/apps/v1/deployments` */
  readonly path: string
  /** `fieldSelector` and the like. */
  readonly query?: Readonly<Record<string, string>>
  /** Takes what is kept out of an object; undefined for one of no interest. */
  readonly project: (object: unknown) => T | undefined
  /** An object that `project` threw at: it is known, and counts as one of no interest. */
  readonly unreadable: (object: unknown, error: unknown) => void
  readonly signal: AbortSignal
}

/** How long a watch and the server's silences in it may last. */
export interface WatchTimes {
  /** Asked of the server: it ends the watch itself then. */
  readonly timeoutSeconds: number
  /** How much later our own timer ends it: the only thing that notices a server which stands still. */
  readonly graceMs: number
  /** The longest silence before the end mark of a WatchList. */
  readonly markMs: number
  /** The longest that one page of a list may take, the server's own queue included. */
  readonly pageMs: number
}

/** One request of a reflector, made from where it stands. */
export interface Attempt<T> {
  readonly options: Collection<T>
  readonly state: ReflectorState
  readonly known: KnownObjects<T>
  readonly times: WatchTimes
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly listAgeMs: () => number
  /** Notes that a list is complete. */
  readonly listed: () => Reflected<T>
}
