import type { DeploymentObservation, ReplicaCounts } from '@hermod/contracts'
import type { Testimony } from './conditions.ts'

/** What the API says of a rollout at one moment. */
export interface RolloutStatus {
  readonly kind: 'waiting' | 'complete' | 'deadline-exceeded'
  /** Spelled as in the API where it has a word for it. */
  readonly reason: string
  readonly message: string
}

/**
 * The rules of `kubectl rollout status`, in its order
 * (kubernetes/kubectl pkg/polymorphichelpers/rollout_status.go at 53ef3ab), with two changes. A Progressing condition
 * that does not speak of this attempt is no evidence: after a rollback it can stay for ever, in success and in failure.
 * And what is complete by its counters is complete whatever the condition says.
 */
export function rolloutStatus(seen: DeploymentObservation, { progressing }: Testimony): RolloutStatus {
  const { wanted, total, updated, available } = seen.replicas
  if (seen.observedGeneration < seen.generation) {
    return waiting('NotObserved', 'The controller has not looked at it yet')
  }
  if (isComplete(seen.replicas)) {
    return { kind: 'complete', reason: 'NewReplicaSetAvailable', message: `${available} pods are available` }
  }
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return { kind: 'deadline-exceeded', reason: progressing.reason, message: progressing.message }
  }
  const reason = progressing?.reason ?? 'Progressing'
  if (updated < wanted) return waiting(reason, `${updated} of ${wanted} pods are updated`)
  if (total > updated) return waiting(reason, `old pods still there: ${total - updated}`)
  return waiting(reason, `${available} of ${updated} updated pods are available`)
}

/** Every wanted pod is of the new template and available, and no other is left. */
export function isComplete({ wanted, total, updated, available }: ReplicaCounts): boolean {
  return updated === wanted && total === updated && available === wanted
}

function waiting(reason: string, message: string): RolloutStatus {
  return { kind: 'waiting', reason, message }
}
