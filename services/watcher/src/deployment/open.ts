import type { DeploymentFacts } from './observe.ts'

const youngMs = 60_000
const patienceMs = 30 * 60_000

// kubernetes 1.36 pkg/controller/deployment/util HasProgressDeadline: the largest int32 means "none".
const noDeadline = 2_147_483_647

type Counted = Pick<DeploymentFacts, 'generation' | 'observedGeneration' | 'replicas' | 'deletionTimestamp'>

/**
 * The rollout is done by its counters. Not the controller's condition: after a rollback that stays stale.
 * Follows `kubectl rollout status` (kubernetes 1.36 staging/src/k8s.io/kubectl/pkg/polymorphichelpers).
 */
export function isComplete({
  generation,
  observedGeneration,
  replicas,
  deletionTimestamp,
}: Counted): boolean {
  return (
    deletionTimestamp === undefined &&
    observedGeneration >= generation &&
    replicas.updated === replicas.wanted &&
    replicas.total === replicas.updated &&
    replicas.available === replicas.wanted
  )
}

/** How long things have stood as they are, in milliseconds. */
export interface Standing {
  /** Since its current template was first seen, or since it was created. */
  readonly templateAgeMs: number
  /** Since its conditions, its counters or its diagnosis last changed in kind. */
  readonly evidenceAgeMs: number
}

/**
 * The coarse rule of where to look: into the pods, and again every 15 s. It decides nothing else. What hangs
 * or failed long ago is left alone until its Deployment changes.
 */
export function isOpen(
  facts: Counted & Pick<DeploymentFacts, 'progressDeadlineSeconds'>,
  standing: Standing,
): boolean {
  if (facts.deletionTimestamp !== undefined) return false
  if (standing.templateAgeMs < youngMs) return true
  if (isComplete(facts)) return false
  const { progressDeadlineSeconds: deadline = noDeadline } = facts
  const deadlineMs = deadline === noDeadline ? 0 : deadline * 1_000 + 60_000
  return standing.evidenceAgeMs < Math.max(patienceMs, deadlineMs)
}
