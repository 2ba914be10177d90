/**
 * `stream`: list by WatchList, then watch on the same connection. `pages`: list page by page. `watch`: resume at
 * `resourceVersion`. `poll`: list again and again, where watching is forbidden.
 */
export type Activity = 'stream' | 'pages' | 'watch' | 'poll'

/** Why a list is made: `gap` = a watch could not be resumed. What `periodic` and `poll` find may be nothing new. */
export type ListCause = 'start' | 'gap' | 'periodic' | 'poll'

/** Where a reflector stands between two requests. */
export interface ReflectorState {
  readonly activity: Activity
  /** Of the present list, or of the last. */
  readonly cause: ListCause
  /** Opaque; where the next watch resumes. */
  readonly resourceVersion: string
  /** Failures in a row; a watch that lived for a while ends the row. */
  readonly failures: number
  /** The server does not know WatchList: list by pages from now on. */
  readonly streamless: boolean
  readonly pageSize: number
}

export const startState: ReflectorState = {
  activity: 'stream',
  cause: 'start',
  resourceVersion: '',
  failures: 0,
  streamless: false,
  pageSize: 250,
}

/**
 * How one request ended. `resourceVersion`, where given, is the last that was handled; `watchedMs` is how long the
 * watch was open.
 */
export type Ending = {
  readonly resourceVersion?: string | undefined
  readonly watchedMs?: number | undefined
} & (
  | { readonly kind: 'listed' }
  /** The server closed a watch in good order, this long after the last list. */
  | { readonly kind: 'closed'; readonly listAgeMs: number }
  /** Our own timer: the server said nothing for longer than it may, so it stands still or the link is dead. */
  | { readonly kind: 'silent' }
  /** A WatchList without its end mark: from a server that cannot read etcd or, with objects, from an old one. */
  | { readonly kind: 'unmarked'; readonly objects: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'broken'; readonly error: string }
  | { readonly kind: 'malformed'; readonly error: string }
  | { readonly kind: 'too-large' }
  | ({ readonly kind: 'status' } & StatusAnswer)
)

/** An answer of the API server that is no success. */
export interface StatusAnswer {
  readonly status: number
  readonly message: string
  readonly retryAfterMs?: number | undefined
}

export interface ReflectorRules {
  /** Full jitter from 0 to base × 2^n, capped. */
  readonly backoffBaseMs: number
  readonly backoffCapMs: number
  /** The longest Retry-After that is believed: a proxy's slip must not blind us for a day. */
  readonly retryAfterCapMs: number
  /** A watch that lived so long ends a row of failures; shorter ones are opened no faster than this. */
  readonly shortWatchMs: number
  /** Lists are compared this often even where nothing failed: a watch can lose an event and look healthy. */
  readonly relistMs: number
  readonly pollMs: number
  /** How often a poller asks whether it may watch by now. */
  readonly tryWatchMs: number
}

export const ordinaryRules: ReflectorRules = {
  backoffBaseMs: 800,
  backoffCapMs: 30_000,
  retryAfterCapMs: 300_000,
  shortWatchMs: 1_000,
  relistMs: 600_000,
  pollMs: 5_000,
  tryWatchMs: 60_000,
}

export interface NextStep {
  readonly state: ReflectorState
  readonly delayMs: number
}

const malformedInARow = 3
const listFailuresInARow = 3

/**
 * What to do after a request ended that way. Follows client-go's reflector (kubernetes 1.36
 * client-go/tools/cache/reflector.go), but the first failure after a healthy time is answered at once.
 */
export function nextStep(
  before: ReflectorState,
  ending: Ending,
  rules: ReflectorRules,
  random: number,
): NextStep {
  const { watchedMs = 0, resourceVersion = before.resourceVersion } = ending
  const failures = watchedMs >= rules.shortWatchMs ? 0 : before.failures
  const state = { ...before, resourceVersion, failures }
  const listing: Activity = state.streamless ? 'pages' : 'stream'
  const failing = (activity: Activity, atLeastMs = 0): NextStep => {
    const cause = state.activity === 'watch' && activity !== 'watch' ? 'gap' : state.cause
    return {
      state: { ...state, activity, cause, failures: state.failures + 1 },
      delayMs: Math.max(Math.min(atLeastMs, rules.retryAfterCapMs), backoff(state.failures, rules, random)),
    }
  }

  switch (ending.kind) {
    case 'listed': {
      if (state.activity !== 'poll') return { state: { ...state, activity: 'watch' }, delayMs: 0 }
      // Rights that came back for the list came back for the watch, as a rule.
      const tryWatch = state.failures > 0 || random < rules.pollMs / rules.tryWatchMs
      const activity = tryWatch ? 'watch' : 'poll'
      return { state: { ...state, activity, cause: 'poll', failures: 0 }, delayMs: rules.pollMs }
    }
    case 'closed': {
      const delayMs = Math.max(0, rules.shortWatchMs - watchedMs)
      if (ending.listAgeMs < rules.relistMs) return { state: { ...state, activity: 'watch' }, delayMs }
      return { state: { ...state, activity: listing, cause: 'periodic' }, delayMs }
    }
    case 'unmarked': {
      const streamless = state.streamless || ending.objects > 0
      return { state: { ...state, activity: 'pages', streamless }, delayMs: 0 }
    }
    case 'too-large':
      if (state.pageSize === 1) return failing(state.activity)
      return { state: { ...state, pageSize: Math.max(1, Math.floor(state.pageSize / 5)) }, delayMs: 0 }
    case 'expired':
      return failing(state.activity === 'watch' ? listing : state.activity)
    case 'malformed':
      return failing(
        state.activity === 'watch' && state.failures + 1 >= malformedInARow ? listing : retried(state),
      )
    case 'silent':
    case 'broken':
      return failing(retried(state))
    case 'status':
      break
  }
  return afterStatus(state, ending, rules, failing)
}

function afterStatus(
  state: ReflectorState,
  { status, retryAfterMs }: StatusAnswer,
  rules: ReflectorRules,
  failing: (activity: Activity, atLeastMs?: number) => NextStep,
): NextStep {
  const { activity, streamless } = state
  if (status === 429 || status >= 500) return failing(retried(state), retryAfterMs)
  if (status === 401) return failing(activity)
  if (status === 403 && activity === 'watch') {
    return { state: { ...state, activity: 'poll', failures: 0 }, delayMs: rules.pollMs }
  }
  // An old server refuses a WatchList as a bad request, one that only lets us list as forbidden: a list tells.
  if (activity === 'stream') {
    return { state: { ...state, activity: 'pages', streamless: status !== 403 }, delayMs: 0 }
  }
  return failing(activity === 'poll' || streamless ? activity : 'stream')
}

// A WatchList that keeps failing gives way to pages, which ask less of the server.
function retried({ activity, failures }: ReflectorState): Activity {
  return activity === 'stream' && failures + 1 >= listFailuresInARow ? 'pages' : activity
}

function backoff(failures: number, { backoffBaseMs, backoffCapMs }: ReflectorRules, random: number): number {
  return failures === 0 ? 0 : random * Math.min(backoffCapMs, backoffBaseMs * 2 ** (failures - 1))
}
