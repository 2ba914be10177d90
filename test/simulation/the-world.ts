import type { ModelApi } from './model-api.ts'
import type { ModelArtifactory } from './model-artifactory.ts'
import type { ModelNats } from './model-nats.ts'
import type { ModelSlack } from './model-slack.ts'
import type { SimulatedProcess } from './virtual-time.ts'

/** What the services of one simulation talk to. */
export interface Surroundings {
  readonly nats: ModelNats
  readonly api: ModelApi
  readonly slack: ModelSlack
  readonly artifactory: ModelArtifactory
  /** Counts a request that a process makes; whether it dies of it, before it is sent or with its answer held. */
  fateOfRequest(process: SimulatedProcess): 'sent' | 'dies before' | 'dies after'
  /** It is dead from here on. */
  die(process: SimulatedProcess): void
}

let present: Surroundings | undefined

export function theWorld(): Surroundings {
  if (present === undefined) throw new Error('there is no world')
  return present
}

export function enter(surroundings: Surroundings): void {
  present = surroundings
}
