/** What becomes of the dependents of what is deleted, and of a namespace's content. */
import type { Draft } from './draft.ts'
import { type Deployment, isOwnedBy, type ReplicaSet } from './objects.ts'
import { deletePod } from './sync-replica-set.ts'

export const foreground = 'foregroundDeletion'
export const orphan = 'orphan'

/** The owner with this uid is gone: so are its dependents. */
export function removeDependents(draft: Draft, namespace: string, uid: string): void {
  for (const set of draft.list('ReplicaSet', namespace)) if (isOwnedBy(set, { uid })) draft.remove(set)
  for (const pod of draft.list('Pod', namespace)) if (isOwnedBy(pod, { uid })) deletePod(draft, pod)
}

/** An owner that waits for its dependents to be gone (foreground), or to be free (orphan), before it goes itself. */
export function endOwner(draft: Draft, namespace: string, name: string): void {
  for (const kind of ['Deployment', 'ReplicaSet'] as const) {
    const owner = draft.get(kind, namespace, name)
    if (owner?.metadata.deletionTimestamp === undefined) continue
    const sets = draft.list('ReplicaSet', namespace).filter((set) => isOwnedBy(set, owner.metadata))
    const pods = draft.list('Pod', namespace).filter((pod) => isOwnedBy(pod, owner.metadata))
    if (owner.metadata.finalizers?.includes(orphan)) {
      // Nobody would tell us of those that are no longer its own.
      for (const set of sets) release(draft, set)
      draft.remove(owner)
      continue
    }
    for (const set of sets) markDeleted(draft, set, foreground)
    for (const pod of pods) deletePod(draft, pod)
    if (sets.length + pods.length === 0) draft.remove(owner)
  }
}

/** Its generation rises, as at every change of its metadata that the API server makes for a deletion. */
export function markDeleted(draft: Draft, object: Deployment | ReplicaSet, finalizer: string): void {
  if (object.metadata.deletionTimestamp !== undefined) return
  const generation = (object.metadata.generation ?? 0) + 1
  const marks = { deletionTimestamp: draft.now, deletionGracePeriodSeconds: 0, finalizers: [finalizer] }
  draft.write<Deployment | ReplicaSet>(object, {
    ...object,
    metadata: { ...object.metadata, ...marks, generation },
  })
}

function release(draft: Draft, set: ReplicaSet): void {
  const { ownerReferences: _released, ...metadata } = set.metadata
  draft.write(set, { ...set, metadata })
}

/** First its pods go, then all else, and when the last pod is gone the namespace itself. */
export function endNamespace(draft: Draft, name: string): void {
  const namespace = draft.get('Namespace', '', name)
  if (namespace?.metadata.deletionTimestamp === undefined) return
  const pods = draft.list('Pod', name)
  for (const pod of pods) deletePod(draft, pod)
  if (pods.length > 0) return
  for (const kind of ['Deployment', 'ReplicaSet', 'Event', 'ResourceQuota'] as const)
    for (const object of draft.list(kind, name)) draft.remove(object)
  draft.remove(namespace)
}
