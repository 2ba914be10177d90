/** Kubernetes v1.36.3 pkg/controller/deployment/util/deployment_util.go: what a ReplicaSet bears of its Deployment. */
import type { Deployment, Labels, ReplicaSet } from './objects.ts'
import { limitsOf } from './rolling-limits.ts'

const prefix = 'deployment.kubernetes.io'
export const revisionAnnotation: string = `${prefix}/revision`
export const desiredAnnotation: string = `${prefix}/desired-replicas`
export const maxAnnotation: string = `${prefix}/max-replicas`
const historyAnnotation = `${prefix}/revision-history`

const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
])

export function revisionOf({ metadata }: Deployment | ReplicaSet): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0)
}

/** SetReplicasAnnotations. */
export function replicaAnnotations(deployment: Deployment): Labels {
  const { replicas } = deployment.spec
  return {
    [desiredAnnotation]: String(replicas),
    [maxAnnotation]: String(replicas + limitsOf(deployment).maxSurge),
  }
}

/** SetNewReplicaSetAnnotations: a ReplicaSet that is used again remembers the revisions that it was. */
export function newSetAnnotations(
  deployment: Deployment,
  before: Labels | undefined,
  newRevision: number,
): Labels {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !notCopied.has(name))
  const annotations: Record<string, string> = { ...before, ...Object.fromEntries(own) }
  const oldRevision = before?.[revisionAnnotation]
  if (Number(oldRevision ?? 0) >= newRevision) return annotations
  annotations[revisionAnnotation] = String(newRevision)
  if (oldRevision !== undefined) {
    const history = annotations[historyAnnotation]
    annotations[historyAnnotation] = history ? `${history},${oldRevision}` : oldRevision
  }
  return annotations
}
