import type { Diagnosis, ReplicaSetFacts } from '@hermod/contracts'
import { kindOfDiagnosis, natureOfDiagnosis } from './diagnose.ts'
import type { DeploymentFacts } from './observe.ts'
import { isComplete } from './open.ts'

/** What is known of one Deployment at one moment. */
export interface Sight {
  readonly facts: DeploymentFacts
  readonly open: boolean
  readonly diagnosis?: Diagnosis | undefined
  readonly newReplicaSet?: ReplicaSetFacts | undefined
}

/**
 * What a new sight is worth: `lasting` must reach the stream whatever follows, `changed` goes at once,
 * `progress` may wait for a newer one, `same` is not sent.
 */
export interface Worth {
  readonly kind: 'lasting' | 'changed' | 'progress' | 'same'
  readonly reason: string
}

/** Holds a sight against the one before it. Pure: the same two give the same worth. */
export function worthOf(before: Sight | undefined, now: Sight): Worth {
  if (before === undefined) return { kind: 'lasting', reason: 'first seen' }
  const was = before.facts
  const is = now.facts
  if (was.uid !== is.uid) return { kind: 'lasting', reason: 'recreated' }
  if (was.template.digest !== is.template.digest) return { kind: 'lasting', reason: 'template changed' }
  if (was.generation !== is.generation) return { kind: 'lasting', reason: 'generation changed' }
  const complete = isComplete(is)
  if (complete !== isComplete(was)) {
    return complete
      ? { kind: 'lasting', reason: 'complete' }
      : { kind: 'changed', reason: 'no longer complete' }
  }
  if (conditionsInShort(was) !== conditionsInShort(is))
    return { kind: 'changed', reason: 'condition changed' }
  if (was.deletionTimestamp !== is.deletionTimestamp) return { kind: 'changed', reason: 'deletion began' }
  if (kindOfDiagnosis(before.diagnosis) !== kindOfDiagnosis(now.diagnosis)) {
    return { kind: 'changed', reason: 'diagnosis changed' }
  }
  if (before.open !== now.open) return { kind: 'changed', reason: now.open ? 'opened' : 'closed' }
  if (now.newReplicaSet !== undefined && now.newReplicaSet.uid !== before.newReplicaSet?.uid) {
    return { kind: 'progress', reason: 'new ReplicaSet known' }
  }
  if (was.resourceVersion !== is.resourceVersion) return { kind: 'progress', reason: 'status changed' }
  return { kind: 'same', reason: 'nothing changed' }
}

/**
 * The evidence changed in kind: a rollout that hangs is given its time anew. Pods that become ready and crash again
 * move no rollout.
 */
export function evidenceMoved(before: Sight | undefined, now: Sight): boolean {
  if (before === undefined) return true
  const was = before.facts
  const is = now.facts
  return (
    was.uid !== is.uid ||
    was.generation !== is.generation ||
    conditionsInShort(was) !== conditionsInShort(is) ||
    was.replicas.wanted !== is.replicas.wanted ||
    was.replicas.updated !== is.replicas.updated ||
    was.replicas.total !== is.replicas.total ||
    natureOfDiagnosis(before.diagnosis) !== natureOfDiagnosis(now.diagnosis)
  )
}

// Messages and times change with every pod; status and reason are what the controller decided.
function conditionsInShort({ conditions }: DeploymentFacts): string {
  return conditions
    .map(({ type, status, reason }) => `${type}=${status}/${reason}`)
    .sort()
    .join(' ')
}
