import type { DeploymentCondition, DeploymentObservation } from '@hermod/contracts'
import type { Inherited } from './rollout.ts'

/** What the conditions say of one attempt, and of no other. */
export interface Testimony {
  readonly progressing?: DeploymentCondition | undefined
  readonly replicaFailure?: DeploymentCondition | undefined
  /** A refusal in the words of another, while this attempt has none of what was refused: if it stays, so is this one. */
  readonly lingering?: DeploymentCondition | undefined
}

/** What is known of the attempt that the conditions may be about. Times are RFC 3339. */
export interface Attempt {
  readonly inherited: Inherited
  readonly startedAt: string
  readonly writtenAt?: string | undefined
}

/**
 * A condition outlives the attempt that it was written for, and may then stand with the new observedGeneration.
 * The controller notes a ReplicaSet only when it made it itself, and a conflict loses that note; it keeps the old
 * condition where the new one would have the same status and reason; and it counts the deadline from whatever stands
 * (kubernetes pkg/controller/deployment at v1.36.3: sync.go getNewReplicaSet; util/deployment_util.go
 * SetDeploymentCondition, DeploymentTimedOut). So a condition that was inherited says nothing, nor does one that names
 * another ReplicaSet, nor a deadline that is over before this attempt can have used it up.
 */
export function testimonyOf(seen: DeploymentObservation, attempt: Attempt, nowMs: number): Testimony {
  const { inherited } = attempt
  const standing = findCondition(seen, 'Progressing')
  const progressing = own(standing, inherited.progressing, seen)
  const refusal = findCondition(seen, 'ReplicaFailure')
  const replicaFailure = own(refusal, inherited.replicaFailure, seen)
  const isTakenUp = seen.observedGeneration >= seen.generation
  const ofReplicaSet =
    !isTakenUp && isNoReplicaSet(standing) && progressing === undefined ? standing : undefined
  const ofPods =
    isTakenUp && seen.replicas.updated === 0 && replicaFailure === undefined ? refusal : undefined
  return {
    progressing: progressing && isTooEarly(progressing, seen, attempt, nowMs) ? undefined : progressing,
    replicaFailure,
    lingering: ofReplicaSet ?? ofPods,
  }
}

/** The controller cannot create the ReplicaSet: it says so without taking the attempt up. */
export function isNoReplicaSet(condition: DeploymentCondition | undefined): boolean {
  return condition?.reason === 'ReplicaSetCreateError'
}

export function findCondition(seen: DeploymentObservation, type: string): DeploymentCondition | undefined {
  return seen.conditions.find((condition) => condition.type === type)
}

/**
 * Whether the conditions still are about the attempt before: until the controller takes an attempt up, whatever it
 * writes is. But that it cannot create the ReplicaSet is all it will ever say of this one, without taking it up
 * (kubernetes pkg/controller/deployment/sync.go, getNewReplicaSet at v1.36.3).
 */
export function areOfAttemptBefore(seen: DeploymentObservation, attempt: number): boolean {
  return seen.observedGeneration < attempt && !isNoReplicaSet(findCondition(seen, 'Progressing'))
}

/** Tells two stands of a condition apart. */
export function fingerprint(condition: DeploymentCondition | undefined): string | undefined {
  if (condition === undefined) return undefined
  const { status, reason, message, lastUpdateTime = '' } = condition
  return [status, reason, lastUpdateTime, message].join(' ')
}

// Messages name the ReplicaSet they are about, in quotes: kubernetes pkg/controller/deployment progress.go, sync.go.
const replicaSetNamed = /replica ?set "([^"]+)"/i

/** The ReplicaSet that the condition is about, where its message says so. */
export function replicaSetOf(condition: DeploymentCondition): string | undefined {
  return replicaSetNamed.exec(condition.message)?.[1]
}

function own(
  condition: DeploymentCondition | undefined,
  inherited: string | undefined,
  seen: DeploymentObservation,
): DeploymentCondition | undefined {
  if (condition === undefined || speaksOfAnother(condition, seen)) return undefined
  return inherited !== undefined && fingerprint(condition) === inherited ? undefined : condition
}

const podNamed = /\bpods? "([^"]+)"/i
// A longer name is cut before the random end of a pod's name: k8s.io/apiserver pkg/storage/names/generate.go.
const podNameKept = 58

function speaksOfAnother(condition: DeploymentCondition, { newReplicaSet }: DeploymentObservation): boolean {
  if (newReplicaSet === undefined) return false
  const named = replicaSetOf(condition)
  if (named !== undefined) return named !== newReplicaSet.name
  const pod = podNamed.exec(condition.message)?.[1]
  return pod !== undefined && !pod.startsWith(`${newReplicaSet.name}-`.slice(0, podNameKept))
}

// The controller counts from a whole second, so up to one second early by a finer clock.
const countedFromMs = 1_000

// Both times are the cluster's where it gives them; its clocks differ from the watcher's and the stream's by any amount.
function isTooEarly(
  { reason, lastUpdateTime }: DeploymentCondition,
  { progressDeadlineSeconds }: DeploymentObservation,
  { startedAt, writtenAt }: Attempt,
  nowMs: number,
): boolean {
  if (reason !== 'ProgressDeadlineExceeded') return false
  const deadlineMs = (progressDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000
  const dated = lastUpdateTime !== undefined && writtenAt !== undefined
  const tookMs = dated ? Date.parse(lastUpdateTime) - Date.parse(writtenAt) : nowMs - Date.parse(startedAt)
  return tookMs < deadlineMs - countedFromMs
}
