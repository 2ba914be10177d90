import type { GoodVersion, ReplicaCounts, Rollout, RolloutTransition } from '@hermod/contracts'

/**
 * What is known of one Deployment: its newest rollout, told by `rollout.phase`, and beside it what only `advance`
 * reads. Times ending in `Ms` are stream time, milliseconds since 1970.
 */
export interface Tracked {
  /** Stream time of the observation that began this attempt; with `n` it orders all that is said of it. */
  readonly epoch: number
  /** Number of the last transition of this attempt; 0 = nothing was said. */
  readonly n: number
  readonly rollout: Rollout
  /**
   * `announced`: people hear of it. `baseline`: it was there before us, so nothing is said until the next template.
   * `undecided`: as baseline, until the new ReplicaSet tells whether it is under way.
   */
  readonly voice: 'announced' | 'baseline' | 'undecided'
  readonly creationTimestamp: string
  readonly seen: Seen
  readonly template: TemplateRecord
  readonly watch: Watch
  readonly past: Past
}

/** The newest observation that counted. */
export interface Seen {
  readonly generation: number
  readonly observedGeneration: number
  readonly resourceVersion: string
  readonly revision?: string | undefined
  /** Conditions as `fingerprint` spells them. */
  readonly progressing?: string | undefined
  readonly replicaFailure?: string | undefined
  readonly atMs: number
  /** Since when snapshots have been older than this: after a while etcd must have been restored. */
  readonly olderSinceMs?: number | undefined
}

/** What identifies a pod template. Digests are comparable only under one key and one digest version. */
export interface TemplateRecord {
  readonly digest: string
  readonly aspects: Readonly<Record<string, string>>
  readonly keyId: string
  readonly digestVersion: number
  readonly podTemplateHash?: string | undefined
  /** The generation at which it was last found unchanged. */
  readonly generation: number
}

/** How an attempt goes. */
export interface Watch {
  /** What stood before the controller looked at this attempt, and so says nothing about it. */
  readonly inherited: Inherited
  /** When its template was written, by the cluster's clock. */
  readonly writtenAt?: string | undefined
  /** The furthest it has come; absent until the controller counts this attempt's pods. */
  readonly best?: Progress | undefined
  /** From here our own progress deadline runs. */
  readonly clockMs: number
  /** Evidence that is fatal only if it stands for a while. */
  readonly suspicion?: { readonly reason: string; readonly sinceMs: number } | undefined
  /** Kind of the last evidence that was told. */
  readonly told?: string | undefined
  readonly saidAtMs: number
  readonly saidReplicas: ReplicaCounts
}

export interface Inherited {
  /** Conditions as `fingerprint` spells them. */
  readonly progressing?: string | undefined
  readonly replicaFailure?: string | undefined
  readonly revision?: string | undefined
  /** When the template before was written, by the cluster's clock: a ReplicaSet older than that is reused. */
  readonly since?: string | undefined
}

/** What certainly belongs to the new template: an available pod counts only when the old ones cannot be it. */
export interface Progress {
  readonly updated: number
  readonly old: number
  readonly ready: number
  readonly available: number
}

/** What outlives an attempt; bounded. */
export interface Past {
  /** Templates of earlier attempts, newest last: a rollback brings one back. */
  readonly templates: readonly PastTemplate[]
  /**
   * The last version that became complete. `rollout.lastGood` is what this was when the attempt began, unless the
   * attempt is that version itself: then there is nothing to go back to.
   */
  readonly good?: { readonly template: TemplateRecord; readonly version: GoodVersion } | undefined
  readonly secondsTaken: readonly number[]
  /** Since when no rollout has succeeded after one that failed. */
  readonly failedSince?: string | undefined
  /** How long that had been so when the last one succeeded. */
  readonly outageSeconds?: number | undefined
  /** uids that ended or were replaced, newest last: they never come back. */
  readonly goneUids: readonly string[]
}

export interface PastTemplate {
  readonly digest: string
  readonly keyId: string
  readonly digestVersion: number
  readonly podTemplateHash?: string | undefined
  readonly revision?: string | undefined
}

/** What one observation leads to. `tracked` is the same object as before when nothing is worth storing. */
export interface Step {
  readonly tracked: Tracked | undefined
  readonly transitions: readonly RolloutTransition[]
  readonly outcome: StepOutcome
}

/** Why an observation led where it led; a closed set, fit for a metric label. */
export const stepOutcomes = [
  'said',
  'noted',
  'unchanged',
  'baseline',
  'undecided',
  'premature',
  'older',
  'gone-uid',
  'terminating',
] as const
export type StepOutcome = (typeof stepOutcomes)[number]

/** Not ended: neither well nor badly nor by what came after it. */
export function isOpen({ phase }: Pick<Rollout, 'phase'>): boolean {
  return phase === 'progressing' || phase === 'stalled' || phase === 'paused'
}
