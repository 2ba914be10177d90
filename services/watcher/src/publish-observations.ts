// Owns what waits to be published.
// P1. Of one Deployment at most one observation is in flight, and they go in order.
// P2. What must be told is never overwritten, mere progress always is: deployment/publish-line.ts decides.
// P3. Whoever feeds it awaits `room`: a full house stops the reading of the watch.
import type { DeploymentObservation } from '@hermod/contracts'
import type { Counter } from '@hermod/runtime'
import { emptyLine, type Held, hold, type Line, settled, takeTurn } from './deployment/publish-line.ts'

const mostHeld = 1_000
const anyLine = ''

export interface ObservationLinesOptions {
  readonly publish: (observation: DeploymentObservation, madeAt: number) => Promise<void>
  readonly dropped: Counter
  /** A publish failed for a reason that waiting does not mend. */
  readonly fail: (error: unknown) => void
}

/** An observation, and when what it tells was read (or told again): monotonic milliseconds. */
export interface Made {
  readonly observation: DeploymentObservation
  readonly madeAt: number
}

export class ObservationLines implements Disposable {
  readonly #options: ObservationLinesOptions
  readonly #lines = new Map<string, Line<Made>>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #waiting = new Map<string, readonly (() => void)[]>()
  #held = 0
  #ended = false

  constructor(options: ObservationLinesOptions) {
    this.#options = options
  }

  /** How many observations wait. */
  get held(): number {
    return this.#held
  }

  offer(made: Made, kind: Held<Made>['kind']): void {
    const { observation } = made
    const key = `${observation.namespace}/${observation.name}`
    const before = this.#lines.get(key) ?? emptyLine
    const { line, dropped } = hold(before, { observation: made, kind })
    this.#held += line.held.length - before.held.length
    if (dropped > 0) this.#options.dropped.inc(dropped)
    this.#lines.set(key, line)
    this.#advance(key)
  }

  /** Resolves when little enough waits that more may come. */
  async room(): Promise<void> {
    while (this.#held > mostHeld && !this.#ended) await this.#change(anyLine)
  }

  /** Resolves when nothing of this Deployment is in flight and nothing waits but progress. */
  async idle(namespace: string, name: string): Promise<void> {
    const key = `${namespace}/${name}`
    while (isBusy(this.#lines.get(key) ?? emptyLine) && !this.#ended) await this.#change(key)
  }

  /** The same of all Deployments of a namespace, those that are gone included. */
  async idleIn(namespace: string): Promise<void> {
    const isIdle = ([key, line]: readonly [string, Line<Made>]): boolean =>
      !key.startsWith(`${namespace}/`) || !isBusy(line)
    while (![...this.#lines].every(isIdle) && !this.#ended) await this.#change(anyLine)
  }

  /** Resolves when nothing is in flight and nothing waits but progress. */
  async empty(): Promise<void> {
    while ([...this.#lines.values()].some(isBusy) && !this.#ended) await this.#change(anyLine)
  }

  #advance(key: string): void {
    const line = this.#lines.get(key)
    if (line === undefined || this.#ended) return
    const turn = takeTurn(line, performance.now())
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
    if (turn.kind === 'wait') {
      const waitMs = Math.max(0, turn.atMs - performance.now())
      this.#timers.set(
        key,
        setTimeout(() => {
          this.#advance(key)
        }, waitMs),
      )
    }
    if (turn.kind !== 'send') return
    this.#held--
    this.#lines.set(key, turn.line)
    void this.#send(key, turn.observation)
  }

  async #send(key: string, { observation, madeAt }: Made): Promise<void> {
    try {
      await this.#options.publish(observation, madeAt)
    } catch (error) {
      if (!this.#ended) this.#options.fail(error)
    }
    const line = settled(this.#lines.get(key) ?? emptyLine)
    if (observation.deleted && line.held.length === 0) this.#lines.delete(key)
    else this.#lines.set(key, line)
    this.#advance(key)
    this.#wake(key)
    this.#wake(anyLine)
  }

  #change(key: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve])
    return promise
  }

  #wake(key: string): void {
    const waiting = this.#waiting.get(key) ?? []
    this.#waiting.delete(key)
    for (const resolve of waiting) resolve()
  }

  [Symbol.dispose](): void {
    this.#ended = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    for (const key of this.#waiting.keys()) this.#wake(key)
  }
}

function isBusy({ held, inFlight }: Line<unknown>): boolean {
  return inFlight || held.some(({ kind }) => kind !== 'progress')
}
