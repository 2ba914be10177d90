/** `status` counters of a Deployment and the `spec.replicas` they are held against; absent in the API = 0. */
export interface ReplicaCounts {
  /** spec.replicas; absent = 1, as the API defaults it. */
  readonly wanted: number
  /** status.replicas: pods of every ReplicaSet. */
  readonly total: number
  readonly updated: number
  readonly ready: number
  readonly available: number
  readonly unavailable: number
}

/** One entry of `status.conditions`, spelled as in the API. Times are RFC 3339, in whole seconds. */
export interface DeploymentCondition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly lastUpdateTime?: string | undefined
  readonly lastTransitionTime?: string | undefined
}

/** `sidecar` is an init container with `restartPolicy: Always`. */
export type ContainerRole = 'container' | 'init' | 'sidecar'

/** A probe, made for comparison and for reading: `check` is `GET /ready:8080`, `TCP :5432` or `exec`. */
export interface ProbeFacts {
  readonly kind: 'liveness' | 'readiness' | 'startup'
  readonly check: string
  readonly initialDelaySeconds: number
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly failureThreshold: number
}

/** What may be said in clear about a container: no value of env, no argument. */
export interface ContainerFacts {
  readonly name: string
  readonly role: ContainerRole
  readonly image: string
  readonly envNames: readonly string[]
  /** Resource name → quantity as the API spells it: `memory` → `256Mi`. */
  readonly requests: Readonly<Record<string, string>>
  readonly limits: Readonly<Record<string, string>>
  readonly probes: readonly ProbeFacts[]
}

/**
 * Keyed digests of the pod template, comparable only under one `keyId` and `digestVersion`.
 * An aspect is `<what>` or `<what>/<container>`: `image/app`, `env/app`, `volumes`, `restartedAt`, `rest`.
 */
export interface TemplateFacts {
  readonly digest: string
  readonly aspects: Readonly<Record<string, string>>
  readonly keyId: string
  readonly digestVersion: number
  readonly containers: readonly ContainerFacts[]
}

/** The ReplicaSet of the current template. */
export interface ReplicaSetFacts {
  readonly name: string
  readonly uid: string
  readonly podTemplateHash: string
  readonly creationTimestamp: string
  /** Annotation deployment.kubernetes.io/revision; absent until the controller wrote it. */
  readonly revision?: string | undefined
}

/** Who last wrote the pod template, read from managedFields. */
export interface FieldManager {
  readonly manager: string
  readonly operation: string
  readonly time?: string | undefined
}

/** Where the code of a version lives, from the configurable annotations. */
export interface GitFacts {
  readonly sha?: string | undefined
  readonly repo?: string | undefined
}

/** An annotation of ours that cannot be used as it stands, in words for whoever wrote it. */
export interface AnnotationProblem {
  readonly annotation: string
  readonly on: 'Namespace' | 'Deployment'
  readonly value: string
  readonly problem: string
}

/** How a container last ended, from `lastState.terminated`. */
export interface Termination {
  /** `Error`, `OOMKilled`, `Completed`…, as the API spells it. */
  readonly reason: string
  readonly exitCode: number
  readonly signal?: number | undefined
  readonly message?: string | undefined
  readonly finishedAt?: string | undefined
}

/** One reason why new pods do not come up, with how many of them it holds back. */
export interface Cause {
  /** As Kubernetes spells it: `ImagePullBackOff`, `CrashLoopBackOff`, `Unschedulable`, `FailedCreate`, `Unhealthy`. */
  readonly reason: string
  /** At most 500 characters of what Kubernetes said. */
  readonly message: string
  readonly pods: number
  readonly container?:
    | { readonly name: string; readonly role: ContainerRole; readonly image: string }
    | undefined
  /** The most restarts of that container in one pod. */
  readonly restarts: number
  readonly lastTermination?: Termination | undefined
  /** When the evidence first stood, by the cluster's clock where it has a time. */
  readonly since?: string | undefined
}

/** What is wrong with the pods of an open rollout. */
export interface Diagnosis {
  /** Worst first, at most three. */
  readonly causes: readonly Cause[]
  /** Pods of the new ReplicaSet. */
  readonly newPods: number
  readonly oldPods: number
  /** Pods of older ReplicaSets that fail for the reason of the first cause. */
  readonly oldPodsFailingAlike: number
}
