/** Who is measured: Hermod as it ships, or any other program that talks to Slack. */
import { setTimeout as delay } from 'node:timers/promises'
import type { FakeSlack } from '@hermod/testkit'
import type { Attempt } from '../oracle/api-history.ts'
import type { SlackLog } from '../oracle/slack-log.ts'
import { totalCost } from './process-cost.ts'

export interface Contender extends AsyncDisposable {
  /** From its start until it was at work. */
  readonly readyAfterMs: number
  /** From its start until it had nothing more to do. */
  readonly atRestAfterMs: number
  /** Ids of its processes, by what they are. */
  processes(): ReadonlyMap<string, readonly number[]>
  /** Kills all of it (-9). */
  kill(): Promise<void>
  /** Resolves when it is at work again. */
  restart(): Promise<void>
  /** What stands in Slack, sorted by rollout. */
  read(attempts: readonly Attempt[]): SlackLog
}

/** Where a contender is put. */
export interface Place {
  readonly kubeconfig: string
  readonly namespaces: readonly string[]
  readonly slack: FakeSlack
}

/** Starts one at a place; several may be started one after the other. */
export interface Entrant {
  readonly name: string
  /** `settings` are those of Hermod's notifier. */
  start(place: Place, settings?: Readonly<Record<string, string>>): Promise<Contender>
}

const lookEveryMs = 250
const restForMs = 3_000
/** Of one core. */
const restShare = 0.03
const longestMs = 60_000

/** Resolves when its processes hardly use a core any more, with the moment since which; after a minute in any case. */
export async function untilAtRest(contender: Pick<Contender, 'processes'>): Promise<number> {
  const used = (): number => totalCost([...contender.processes().values()].flat()).cpuSeconds
  const until = performance.now() + longestMs
  let atRestSince = performance.now()
  let [before, lookedAt] = [used(), atRestSince]
  while (performance.now() < until && performance.now() - atRestSince < restForMs) {
    await delay(lookEveryMs)
    const [cpuSeconds, at] = [used(), performance.now()]
    if ((cpuSeconds - before) * 1_000 > restShare * (at - lookedAt) + 10) atRestSince = at
    before = cpuSeconds
    lookedAt = at
  }
  return atRestSince
}
