import * as v from 'valibot'
import { countSchema } from './deployment-facts-schema.ts'
import { type Parsed, parseVersioned } from './parsed.ts'
import type { Rollout } from './rollout.ts'
import { rolloutSchema } from './rollout-schema.ts'

/** The newest state that this release writes and reads. */
export const stateVersion = 1

/**
 * What other programs may rely on in the bucket `rollouts` and on `hermod.state.>`: where the newest rollout of a
 * Deployment stands. Dedupe keeps more beside it, which is its own.
 */
export interface RolloutState {
  readonly version: number
  /** As in RolloutTransition: of two states the later has the higher (epoch, n). */
  readonly epoch: number
  readonly n: number
  /** Of everything that is said of this rollout, W3C: 32 hex digits. */
  readonly traceId?: string | undefined
  readonly rollout: Rollout
}

export const stateSchema: v.GenericSchema<unknown, RolloutState> = v.object({
  version: countSchema,
  epoch: countSchema,
  n: countSchema,
  traceId: v.exactOptional(v.string()),
  rollout: rolloutSchema,
})

/** Reads a state from outside data; the result says malformed or newer instead of throwing. */
export function parseRolloutState(data: unknown): Parsed<RolloutState> {
  return parseVersioned(data, stateSchema, stateVersion)
}
