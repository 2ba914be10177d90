/**
 * Owns the one state of a cluster that lives on the machine's own time.
 *
 * 1. Everything that happens goes through `do` or its own timer, one step after the other.
 * 2. What happened is in the history before a listener or a caller hears of it.
 */
import type { Action } from '../model/actions.ts'
import { replan, stepCluster } from '../model/cluster-model.ts'
import type { Change, ClusterOptions, ClusterState } from '../model/cluster-state.ts'
import type { StoredObject } from '../model/objects.ts'
import { Refusal } from '../model/refusal.ts'
import { WatchHistory } from './watch-history.ts'

const longestTimerMs = 2 ** 31 - 1

export class LiveCluster implements Disposable {
  readonly history: WatchHistory
  #state: ClusterState
  #options: ClusterOptions
  #timer: NodeJS.Timeout | undefined
  readonly #listeners = new Set<(changes: readonly Change[]) => void>()

  constructor(state: ClusterState, options: ClusterOptions) {
    this.#state = state
    this.#options = options
    this.history = new WatchHistory(state.version)
    this.#step(undefined)
  }

  get state(): ClusterState {
    return this.#state
  }

  /** Throws Refusal. */
  do(action: Action): StoredObject {
    const answer = this.#step(action)
    if (answer instanceof Refusal) throw answer
    if (answer === undefined) throw new TypeError('an action without an answer')
    return answer
  }

  /** Pods have other plans from now on, those that run too. */
  replan(planPod: NonNullable<ClusterOptions['planPod']>): void {
    this.#options = { ...this.#options, planPod }
    this.#state = replan(this.#state, Date.now(), this.#options)
    this.#step(undefined)
  }

  /** Tells of every change from now on, until the returned function is called. */
  listen(listener: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#listeners.clear()
  }

  #step(action: Action | undefined): StoredObject | Refusal | undefined {
    const now = Date.now()
    const { state, changes, answer, nextAtMs } = stepCluster(this.#state, action, now, this.#options)
    this.#state = state
    this.history.add(changes)
    clearTimeout(this.#timer)
    if (nextAtMs !== undefined) {
      const delayMs = Math.min(Math.max(nextAtMs - now, 1), longestTimerMs)
      this.#timer = setTimeout(() => this.#step(undefined), delayMs)
    }
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes)
    return answer
  }
}
