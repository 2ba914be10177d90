/** The replicaset controller's look at one ReplicaSet: kubernetes v1.36.3 pkg/controller/replicaset/replica_set.go. */
import { findCondition, removeCondition, setCondition } from './conditions.ts'
import { counted } from './counted.ts'
import type { Draft } from './draft.ts'
import { say } from './events.ts'
import { controllerReference } from './new-replica-set.ts'
import { isOwnedBy, type Pod, type ReplicaSet, type ReplicaSetStatus } from './objects.ts'
import { exceededQuota } from './quota.ts'
import { safeLetters } from './template-hash.ts'

/** Returns whether it must try again: a pod could not be made. */
export function syncReplicaSet(draft: Draft, namespace: string, name: string): boolean {
  const set = draft.get('ReplicaSet', namespace, name)
  if (!set) return false
  const own = draft.list('Pod', namespace).filter((pod) => isOwnedBy(pod, set.metadata))
  const active = own.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const failure = set.metadata.deletionTimestamp === undefined ? manage(draft, set, active) : undefined
  const status = statusOf(draft, set, active, own.length - active.length, failure)
  draft.write(set, { ...set, status })
  if (failure === undefined) lookAtMinReady(draft, set, active)
  return failure !== undefined
}

/** manageReplicas. Returns why a pod could not be made. */
function manage(draft: Draft, set: ReplicaSet, active: readonly Pod[]): string | undefined {
  for (let missing = set.spec.replicas - active.length; missing > 0; missing--) {
    const failure = makePod(draft, set)
    if (failure !== undefined) return failure
  }
  const surplus = [...active].sort(firstToGo).slice(0, Math.max(0, active.length - set.spec.replicas))
  for (const pod of surplus) {
    deletePod(draft, pod)
    say(draft, set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
  }
  return undefined
}

function makePod(draft: Draft, set: ReplicaSet): string | undefined {
  const { namespace = '', name } = set.metadata
  // In a namespace that is ending the controller gives up without a word.
  if (draft.get('Namespace', '', namespace)?.metadata.deletionTimestamp !== undefined) return undefined
  const suffix = Array.from(
    { length: 5 },
    () => safeLetters[Math.floor(draft.random() * safeLetters.length)],
  ).join('')
  const podName = `${name}-${suffix}`
  const exceeded = exceededQuota(draft, namespace, podName)
  if (exceeded !== undefined) {
    say(draft, set, 'Warning', 'FailedCreate', `Error creating: ${exceeded}`)
    return exceeded
  }
  draft.create<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName,
      namespace,
      generateName: `${name}-`,
      generation: 1,
      ...set.spec.template.metadata,
      ownerReferences: [controllerReference(set)],
    },
    spec: set.spec.template.spec,
    status: { phase: 'Pending' },
  })
  say(draft, set, 'Normal', 'SuccessfulCreate', `Created pod: ${podName}`)
  return undefined
}

/** One that no node runs is gone at once; a running one ends first. */
export function deletePod(draft: Draft, pod: Pod): void {
  if (pod.spec.nodeName === undefined) return draft.remove(pod)
  if (pod.metadata.deletionTimestamp !== undefined) return
  draft.write(pod, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: draft.now } })
}

/** controller_utils.go ActivePodsWithRanks, the rules that a pod of ours can meet. */
function firstToGo(a: Pod, b: Pod): number {
  const rank = (pod: Pod): number =>
    (pod.spec.nodeName === undefined ? 0 : 4) +
    (pod.status.phase === 'Running' ? 2 : 0) +
    (readySince(pod) ? 1 : 0)
  return rank(a) - rank(b) || (a.metadata.creationTimestamp > b.metadata.creationTimestamp ? -1 : 1)
}

function statusOf(
  draft: Draft,
  { metadata, spec, status }: ReplicaSet,
  active: readonly Pod[],
  terminating: number,
  failure: string | undefined,
): ReplicaSetStatus {
  const ready = active.filter(readySince)
  const available = ready.filter((pod) => availableAt(pod, spec.minReadySeconds) <= draft.nowMs)
  const failed = findCondition(status.conditions, 'ReplicaFailure')
  const conditions =
    failure === undefined
      ? removeCondition(status.conditions, 'ReplicaFailure')
      : setCondition(status.conditions, failed ?? failedCreate(failure, draft.now))
  return {
    replicas: active.length,
    ...counted({
      fullyLabeledReplicas: active.length,
      readyReplicas: ready.length,
      availableReplicas: available.length,
    }),
    terminatingReplicas: terminating,
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    ...(conditions.length > 0 && { conditions }),
  }
}

function failedCreate(message: string, now: string) {
  return {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message,
    lastTransitionTime: now,
  } as const
}

function readySince({ status }: Pod): string | undefined {
  return status.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'True')
    ?.lastTransitionTime
}

/** podutil.IsPodAvailable. */
function availableAt(pod: Pod, minReadySeconds = 0): number {
  return minReadySeconds === 0 ? 0 : Date.parse(readySince(pod) ?? '') + minReadySeconds * 1_000
}

function lookAtMinReady(draft: Draft, { metadata, spec }: ReplicaSet, active: readonly Pod[]): void {
  const waits = active
    .filter(readySince)
    .map((pod) => availableAt(pod, spec.minReadySeconds) - draft.nowMs)
    .filter((wait) => wait > 0)
  if (waits.length === 0) return
  const work = { controller: 'ReplicaSet', namespace: metadata.namespace ?? '', name: metadata.name } as const
  draft.schedule(work, Math.min(...waits), ' again')
}
