import type {
  AnnotationProblem,
  ContainerFacts,
  Diagnosis,
  FieldManager,
  GitFacts,
  ReplicaCounts,
} from './deployment-facts.ts'
import type { DeploymentName } from './subjects.ts'

/** Where a rollout stands. */
export type Phase = 'progressing' | 'stalled' | 'paused' | 'complete' | 'failed' | 'superseded' | 'deleted'

/**
 * One attempt to reach one pod template. `attempt` is the generation at which this template was first seen:
 * unlike the revision it is known from the first event on and never renumbered.
 */
export interface RolloutKey extends DeploymentName {
  readonly uid: string
  readonly attempt: number
}

/** What a change of the template amounts to. A headline takes the first that applies, in this order. */
export type ChangeClass = 'new-image' | 'config' | 'resources' | 'restart' | 'rollback' | 'new-deployment'

export interface ImageChange {
  readonly container: string
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface ResourceChange {
  readonly container: string
  readonly bound: 'request' | 'limit'
  readonly resource: string
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface EnvChange {
  readonly container: string
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Values (or order) differ; which ones is not known, values never leave the watcher. */
  readonly valuesChanged: boolean
}

/** What differs between this template and the one it is held against: the last that worked, else the one before. */
export interface Change {
  readonly classes: readonly ChangeClass[]
  /** The revision whose template came back. */
  readonly rollbackTo?: string | undefined
  readonly images: readonly ImageChange[]
  readonly env: readonly EnvChange[]
  readonly resources: readonly ResourceChange[]
  /** Every other aspect that differs, as `TemplateFacts.aspects` names it: `command/app`, `probes/app`, `volumes`, `rest`. */
  readonly otherAspects: readonly string[]
}

/** The last version of a Deployment that became complete. */
export interface GoodVersion {
  readonly attempt: number
  readonly revision?: string | undefined
  readonly containers: readonly ContainerFacts[]
  readonly git: GitFacts
  readonly finishedAt: string
  readonly tookSeconds?: number | undefined
}

/** When what happened, RFC 3339: by the stream's clock, or by the cluster's where it was seen late. */
export interface RolloutTimes {
  readonly startedAt: string
  /** Last change of the counters. */
  readonly progressedAt: string
  readonly stalledAt?: string | undefined
  readonly failedAt?: string | undefined
  readonly pausedAt?: string | undefined
  readonly finishedAt?: string | undefined
  /** When Kubernetes gives up, if nothing progresses until then. */
  readonly deadlineAt?: string | undefined
}

/** Everything known of a rollout. A transition, the KV entry and `hermod.state.>` all hold it whole. */
export interface Rollout extends RolloutKey {
  readonly phase: Phase
  /** Taken from Kubernetes where it has one: `ImagePullBackOff`, `ProgressDeadlineExceeded`, `NewReplicaSetAvailable`. */
  readonly reason: string
  readonly message?: string | undefined
  readonly revision?: string | undefined
  readonly replicas: ReplicaCounts
  readonly containers: readonly ContainerFacts[]
  readonly change: Change
  readonly diagnosis?: Diagnosis | undefined
  readonly times: RolloutTimes
  /** Median of the last successful rollouts of this Deployment. */
  readonly typicalSeconds?: number | undefined
  readonly lastGood?: GoodVersion | undefined
  /** The attempt that overtook this one. */
  readonly supersededBy?: { readonly attempt: number; readonly images: readonly ImageChange[] } | undefined
  readonly git: GitFacts
  readonly changedBy?: FieldManager | undefined
  readonly changeCause?: string | undefined
  readonly team?: string | undefined
  readonly annotations: Readonly<Record<string, string>>
  readonly namespaceAnnotations?: Readonly<Record<string, string>> | undefined
  readonly namespaceListed: boolean
  readonly problems: readonly AnnotationProblem[]
}
