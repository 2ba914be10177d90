/**
 * What the API server's own history says of every rollout, by plain rules of our own. Nothing of the product is
 * imported here: the oracle would believe its errors.
 */

/** One event of a watch of Deployments. */
export interface DeploymentEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly atMs: number
  readonly object: DeploymentObject
}

export interface DeploymentObject {
  readonly metadata: {
    readonly namespace?: string
    readonly name: string
    readonly uid: string
    readonly generation?: number
    readonly deletionTimestamp?: string
  }
  readonly spec?: unknown
  readonly status?: unknown
}

interface Spec {
  readonly replicas?: number
  readonly paused?: boolean
  readonly progressDeadlineSeconds?: number
  readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } }
}

interface Status {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly conditions?: readonly {
    readonly type: string
    readonly reason?: string
    readonly message?: string
    readonly lastUpdateTime?: string
  }[]
}

/** One attempt of one Deployment to reach one pod template. */
export interface Attempt {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly fromGeneration: number
  toGeneration: number
  /** The whole pod template, as JSON. */
  readonly template: string
  /** Image tag of the first container. */
  readonly tag: string
  readonly beganMs: number
  /** When all pods were of this template and available, for the first time. */
  completeMs?: number
  /** That was so of no pods: one that was in trouble or held back has proved nothing by it. */
  isEmptied?: boolean
  /** When the controller gave up on it, or nothing had moved for its deadline; for the first time. */
  failedMs?: number
  /** The first of its kind: nothing was there before. */
  readonly isFirst: boolean
  endedMs?: number
  endedBy?: 'overtaken' | 'deleted'
  paused: boolean
}

interface Following {
  readonly attempt: Attempt
  /** Since when no counter moved. */
  stillSinceMs: number
  counters: string
  deadlineMs: number
  /** That the controller had given up on the attempt before. */
  inherited: string
}

/** Every attempt that the history shows, in the order in which they began; `untilMs` is when it ends. */
export function readAttempts(events: readonly DeploymentEvent[], untilMs: number): readonly Attempt[] {
  const attempts: Attempt[] = []
  const present = new Map<string, Following>()
  for (const { type, atMs, object } of events) {
    const { uid, deletionTimestamp } = object.metadata
    const before = present.get(uid)
    if (before) noteDeadline(before, atMs)
    if (type === 'DELETED' || deletionTimestamp !== undefined) {
      if (before) end(before.attempt, 'deleted', atMs)
      present.delete(uid)
      continue
    }
    const following = follow(before, object, atMs)
    if (following !== before) attempts.push(following.attempt)
    present.set(uid, following)
  }
  for (const following of present.values()) noteDeadline(following, untilMs)
  return attempts
}

function follow(
  before: Following | undefined,
  { metadata, ...object }: DeploymentObject,
  atMs: number,
): Following {
  const { namespace = '', name, uid, generation = 0 } = metadata
  const spec = object.spec as Spec
  const status = (object.status ?? {}) as Status
  const template = JSON.stringify(spec.template)
  const isSame = before?.attempt.template === template
  if (before && !isSame) end(before.attempt, 'overtaken', atMs)
  const following: Following =
    before && isSame
      ? before
      : {
          attempt: {
            namespace,
            name,
            uid,
            fromGeneration: generation,
            toGeneration: generation,
            template,
            tag: spec.template.spec.containers[0]?.image.split(':').at(-1) ?? '',
            beganMs: atMs,
            isFirst: before === undefined,
            paused: false,
          },
          stillSinceMs: atMs,
          counters: '',
          deadlineMs: 0,
          inherited: '',
        }
  const { attempt } = following
  attempt.toGeneration = generation
  attempt.paused = spec.paused === true
  const {
    observedGeneration = 0,
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
  } = status
  const looked = observedGeneration >= attempt.fromGeneration
  const counters = [
    spec.replicas,
    looked,
    replicas,
    updatedReplicas,
    readyReplicas,
    availableReplicas,
    spec.paused,
  ].join(' ')
  if (counters !== following.counters) following.stillSinceMs = atMs
  following.counters = counters
  const { progressDeadlineSeconds: deadline = 600 } = spec
  const hasDeadline = deadline < 2 ** 31 - 1 && !attempt.paused
  following.deadlineMs = hasDeadline ? deadline * 1_000 : Number.POSITIVE_INFINITY
  const gaveUp = status.conditions?.find(({ reason }) => reason === 'ProgressDeadlineExceeded')
  const verdict = gaveUp ? `${gaveUp.lastUpdateTime} ${gaveUp.message}` : ''
  // A deadline that is over before the attempt is that old was counted from the one before.
  const isEarly = atMs < attempt.beganMs + deadline * 1_000 - 1_000
  if (!looked || isEarly) following.inherited = verdict
  if (observedGeneration < generation) return following
  const { replicas: wanted = 1 } = spec
  const isDone = updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted
  if (isDone && wanted === 0 && attempt.completeMs === undefined) attempt.isEmptied = true
  if (isDone && (wanted > 0 || attempt.failedMs === undefined)) attempt.completeMs ??= atMs
  else if (attempt.completeMs === undefined && verdict !== following.inherited && verdict !== '')
    attempt.failedMs ??= atMs
  return following
}

// Whoever counts for himself and whoever believes the controller come to the same end, a moment apart.
function noteDeadline({ attempt, stillSinceMs, deadlineMs }: Following, atMs: number): void {
  const dueMs = stillSinceMs + deadlineMs
  if (attempt.completeMs === undefined && atMs >= dueMs) attempt.failedMs ??= dueMs
}

function end(attempt: Attempt, by: NonNullable<Attempt['endedBy']>, atMs: number): void {
  attempt.endedMs ??= atMs
  attempt.endedBy ??= by
}
