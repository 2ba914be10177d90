/** How a fault is written down, and where most of them are shown. */

/** A file of tests and what is in the title of the one that shows it. */
export type Shown = readonly [file: string, title: string]

export type Result = 'passed' | 'failed' | 'not run'

export interface Fault {
  readonly number: number
  readonly fault: string
  readonly promise: string
  readonly shownBy: readonly Shown[]
  /** What no test shows, and why. */
  readonly notShown?: string
}

export interface FaultResult {
  readonly result: Result
  /** What showed it then. */
  readonly shownBy: string
  readonly figures: string
}

export const jetstream: string = 'packages/jetstream/src'
export const runtime: string = 'packages/runtime/src'
export const contracts: string = 'packages/contracts/src'
export const watcher: string = 'services/watcher/src'
export const dedupe: string = 'services/dedupe/src'
export const notifier: string = 'services/notifier/src'

export const reflector: string = `${watcher}/api-server/reflector.integration.test.ts`
export const reflectorState: string = `${watcher}/api-server/reflector-state.test.ts`
export const consume: string = `${jetstream}/consume.integration.test.ts`
export const slackFaults: string = `${notifier}/slack-faults.integration.test.ts`
export const longTroubles: string = `${notifier}/long-troubles.test.ts`
export const recorded: string = `${dedupe}/rollout/recorded.test.ts`
export const order: string = `${dedupe}/rollout/order.test.ts`

export const kills: Shown = ['test/faults/kills.faults.test.ts', 'every end is told exactly once']
/** Each service dies at every request that it makes for a rollout. */
export const crashPoints: Shown = ['test/faults/crash-points.faults.test.ts', 'killed at each request']
export const outages: string = 'test/faults/outages.faults.test.ts'
export const powerCuts: string = 'test/faults/power-cuts.faults.test.ts'
/** The three services as they ship, on virtual time, with faults drawn from a seed. */
export const simulated: Shown = ['test/simulation/simulation.integration.test.ts', 'and no secret is said']
export const fuzzed: Shown = ['test/fuzz/fuzz.test.ts', 'no input from outside throws']
