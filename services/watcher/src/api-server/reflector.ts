// Owns the list and the watch of one collection.
// R1. What is reported ends in the server's state: each object as it last was and each deletion once, also those
//     that happened while nobody watched, found by comparing a list with what was known.
// R2. A resourceVersion is taken over only after the consumer came back for more, so nothing is skipped; and a
//     slow consumer stops the reading, down to the socket.
// R3. Objects are projected where they are read; kept are names and uids alone.
// R4. A watch asks for 25 s and our own timer ends it 2 s later: no silence lasts longer than that.
// R5. An object that cannot be read hides no other.
// R6. Nothing outlives the abort of its signal.
import { setTimeout as delay } from 'node:timers/promises'
import type { Attempt, Collection, Reflected, WatchTimes } from './attempt.ts'
import { KnownObjects } from './known-objects.ts'
import { listPages } from './list-pages.ts'
import { nextStep, ordinaryRules, type ReflectorRules, startState } from './reflector-state.ts'
import { watch } from './watch.ts'

const ordinaryTimes: WatchTimes = { timeoutSeconds: 25, graceMs: 2_000, markMs: 8_000, pageMs: 30_000 }

export interface ReflectorOptions<T> extends Collection<T> {
  readonly rules?: ReflectorRules
  readonly times?: WatchTimes
  /** From [0, 1). */
  readonly random?: () => number
}

/** Lists and watches one collection until its signal is aborted. */
export async function* reflect<T>(options: ReflectorOptions<T>): AsyncGenerator<Reflected<T>> {
  const { signal, rules = ordinaryRules, times = ordinaryTimes, random = Math.random } = options
  const now = (): number => performance.now()
  const known = new KnownObjects<T>()
  let listedAt = now()
  let state = startState
  while (!signal.aborted) {
    const attempt: Attempt<T> = {
      options: { ...options, project: (object) => projected(options, object) },
      state,
      known,
      times,
      now,
      listAgeMs: () => now() - listedAt,
      listed: () => {
        listedAt = now()
        // From its end mark on a WatchList is a watch, and is resumed as one.
        if (state.activity === 'stream') state = { ...state, activity: 'watch' }
        return { kind: 'listed', cause: attempt.state.cause }
      },
    }
    const watching = state.activity === 'stream' || state.activity === 'watch'
    const ending = yield* watching ? watch(attempt) : listPages(attempt)
    if (signal.aborted) return
    const { state: next, delayMs } = nextStep(state, ending, rules, random())
    state = next
    yield { kind: 'ended', ending, next, delayMs }
    if (delayMs > 0) await delay(delayMs, undefined, { signal }).catch(() => undefined)
  }
}

function projected<T>({ project, unreadable }: Collection<T>, object: unknown): T | undefined {
  try {
    return project(object)
  } catch (error) {
    unreadable(object, error)
    return undefined
  }
}
