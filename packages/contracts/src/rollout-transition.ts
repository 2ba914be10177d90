import * as v from 'valibot'
import { countSchema, timeSchema } from './deployment-facts-schema.ts'
import { type Parsed, parseVersioned } from './parsed.ts'
import type { Rollout } from './rollout.ts'
import { rolloutSchema } from './rollout-schema.ts'

/** The newest transition that this release writes and reads. */
export const transitionVersion = 1

export const transitionKinds = [
  'started',
  'progressed',
  'stalled',
  'paused',
  'resumed',
  'succeeded',
  'failed',
  'recovered',
  'superseded',
  'deleted',
  'released',
] as const

export type TransitionKind = (typeof transitionKinds)[number]

/**
 * A change of phase, or of what explains it. Complete by itself: whoever missed the ones before it reads the
 * whole rollout here. Of two transitions of one rollout the later is the one with the higher (epoch, n); at equal
 * ones the one that came later.
 */
export interface RolloutTransition {
  readonly version: number
  readonly kind: TransitionKind
  /** Milliseconds since 1970: stream time of the observation that began this attempt, or found it again
   * after a loss. */
  readonly epoch: number
  /** Number of this transition within the rollout, from 1. */
  readonly n: number
  /** When it happened, RFC 3339, as far as the cluster says; else when it was observed. */
  readonly at: string
  readonly rollout: Rollout
}

export const transitionSchema: v.GenericSchema<unknown, RolloutTransition> = v.object({
  version: countSchema,
  kind: v.picklist(transitionKinds),
  epoch: countSchema,
  n: countSchema,
  at: timeSchema,
  rollout: rolloutSchema,
})

/** Reads a transition from outside data; the result says malformed or newer instead of throwing. */
export function parseTransition(data: unknown): Parsed<RolloutTransition> {
  return parseVersioned(data, transitionSchema, transitionVersion)
}
