import {
  type Parsed,
  parseRolloutState,
  type Rollout,
  type RolloutState,
  type RolloutTransition,
  rolloutTraceId,
  stateVersion,
} from '@hermod/contracts'
import type { Tracked } from './rollout/rollout.ts'

/** What the bucket `rollouts` holds of one Deployment. */
export interface StoredRollout {
  readonly tracked: Tracked
  /** Transitions of the last step that may not have been published yet. */
  readonly outbox: readonly RolloutTransition[]
  /** Id of the observation that led here. */
  readonly lastSeen: string
}

/** As stored: a RolloutState for everybody, and beside it what is dedupe's own. */
export interface StoredState extends RolloutState {
  readonly dedupe: Omit<Tracked, 'epoch' | 'n' | 'rollout'> &
    Pick<StoredRollout, 'lastSeen'> & { readonly outbox: readonly Unsent[] }
}

/** A transition; without a rollout it is about the one beside it, and most are. */
type Unsent = Omit<RolloutTransition, 'rollout'> & { readonly rollout?: Rollout | undefined }

export function writeStored({ tracked, outbox, lastSeen }: StoredRollout): StoredState {
  const { epoch, n, rollout, ...own } = tracked
  const unsent = outbox.map((each) => (each.rollout === rollout ? { ...each, rollout: undefined } : each))
  const traceId = rolloutTraceId(rollout)
  return { version: stateVersion, epoch, n, traceId, rollout, dedupe: { ...own, outbox: unsent, lastSeen } }
}

export function readStored({ epoch, n, rollout, dedupe }: StoredState): StoredRollout {
  const { outbox: unsent, lastSeen, ...own } = dedupe
  const outbox = unsent.map((each) => ({ ...each, rollout: each.rollout ?? rollout }))
  return { tracked: { epoch, n, rollout, ...own }, outbox, lastSeen }
}

/** The version covers dedupe's own part too, which only dedupe writes. */
export function parseStored(data: unknown): Parsed<StoredState> {
  const parsed = parseRolloutState(data)
  if (parsed.kind !== 'ok') return parsed
  const own = typeof data === 'object' && data !== null && 'dedupe' in data ? data.dedupe : undefined
  if (!isOwn(own)) return { kind: 'malformed', problem: 'dedupe: its own part is missing' }
  return { kind: 'ok', value: { ...parsed.value, dedupe: own } }
}

function isOwn(own: unknown): own is StoredState['dedupe'] {
  return (
    typeof own === 'object' && own !== null && 'watch' in own && 'outbox' in own && Array.isArray(own.outbox)
  )
}
