/** Kubernetes v1.36.3 pkg/controller/deployment/sync.go getAllReplicaSetsAndSyncRevision. */
import { isDeepStrictEqual } from 'node:util'
import { findCondition, progressing, setCondition } from './conditions.ts'
import { type DeploymentLook, hasDeadline, type Sets, writeDeployment } from './deployment-look.ts'
import type { Draft } from './draft.ts'
import { say } from './events.ts'
import { type Deployment, isOwnedBy, type Labels, type PodTemplate, type ReplicaSet } from './objects.ts'
import { Conflict } from './refusal.ts'
import {
  newSetAnnotations,
  replicaAnnotations,
  revisionAnnotation,
  revisionOf,
} from './replica-set-annotations.ts'
import { newReplicasOf } from './rolling-limits.ts'
import { templateHash } from './template-hash.ts'

const hashLabel = 'pod-template-hash'

/** Its own, and those that have no owner and its labels: it adopts them. Oldest first. */
export function replicaSetsOf(draft: Draft, deployment: Deployment): readonly ReplicaSet[] {
  const { namespace = '', deletionTimestamp } = deployment.metadata
  const sets = draft.list('ReplicaSet', namespace).flatMap((set) => {
    if (isOwnedBy(set, deployment.metadata)) return [set]
    const orphan = !set.metadata.ownerReferences?.length && deletionTimestamp === undefined
    return orphan && selects(deployment, set.metadata.labels) ? [adopt(draft, deployment, set)] : []
  })
  return sets.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1))
}

/** Finds the ReplicaSet of the template, renumbers it, and makes it where there is none and `create` says so. */
export function newReplicaSet(look: DeploymentLook, create: boolean): Sets {
  const found = look.replicaSets.find(({ spec }) =>
    sameTemplate(spec.template, look.deployment.spec.template),
  )
  const oldSets = look.replicaSets.filter((set) => set !== found)
  const revision = Math.max(0, ...oldSets.map(revisionOf)) + 1
  if (found) return { newSet: useAgain(look, found, revision), oldSets }
  return { newSet: create ? make(look, oldSets, revision) : undefined, oldSets }
}

function useAgain(look: DeploymentLook, found: ReplicaSet, revision: number): ReplicaSet {
  const { draft, deployment } = look
  const annotations = newSetAnnotations(deployment, found.metadata.annotations, revision)
  const { minReadySeconds } = deployment.spec
  const changed =
    !isDeepStrictEqual(annotations, found.metadata.annotations) ||
    minReadySeconds !== found.spec.minReadySeconds
  if (changed) {
    const { minReadySeconds: _before, ...spec } = found.spec
    return draft.write(found, {
      ...found,
      metadata: { ...found.metadata, annotations },
      spec: { ...spec, ...(minReadySeconds !== undefined && { minReadySeconds }) },
    })
  }
  const conditions = deployment.status.conditions
  const unknown = hasDeadline(deployment) && !findCondition(conditions, 'Progressing')
  const message = `Found new replica set "${found.metadata.name}"`
  const known = unknown
    ? setCondition(conditions, progressing('True', 'FoundNewReplicaSet', message, draft.now))
    : undefined
  if (setRevision(look, String(revisionOf(found))) || known) writeDeployment(look, known)
  return found
}

function make(look: DeploymentLook, oldSets: readonly ReplicaSet[], revision: number): ReplicaSet {
  const { draft, deployment } = look
  const { metadata, spec, status } = deployment
  const { namespace = '' } = metadata
  const hash = templateHash(spec.template, status.collisionCount)
  const name = `${metadata.name}-${hash}`
  const taken = draft.get('ReplicaSet', namespace, name)
  if (taken) {
    const collisionCount = (status.collisionCount ?? 0) + 1
    look.deployment = { ...deployment, status: { ...status, collisionCount } }
    writeDeployment(look)
    throw new Conflict(taken)
  }
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash }
  const replicas = newReplicasOf(deployment, oldSets, 0)
  const made = draft.create<ReplicaSet>({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace,
      generation: 1,
      labels,
      annotations: {
        ...newSetAnnotations(deployment, undefined, revision),
        ...replicaAnnotations(deployment),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: { matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
    status: { replicas: 0 },
  })
  if (replicas > 0)
    say(
      draft,
      deployment,
      'Normal',
      'ScalingReplicaSet',
      `Scaled up replica set ${name} from 0 to ${replicas}`,
    )
  if (draft.options.missesNote?.(made, draft.random())) throw new Conflict(deployment)
  const renumbered = setRevision(look, String(revision))
  const created = hasDeadline(deployment)
    ? progressing('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`, draft.now)
    : undefined
  if (renumbered || created) writeDeployment(look, created && setCondition(status.conditions, created))
  return made
}

function setRevision(look: DeploymentLook, revision: string): boolean {
  const { metadata } = look.deployment
  if (metadata.annotations?.[revisionAnnotation] === revision) return false
  const annotations = { ...metadata.annotations, [revisionAnnotation]: revision }
  look.deployment = { ...look.deployment, metadata: { ...metadata, annotations } }
  return true
}

/** EqualIgnoreHash. */
function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return isDeepStrictEqual(withoutHash(a), withoutHash(b))
}

function withoutHash({ metadata, spec }: PodTemplate): unknown {
  const { [hashLabel]: _hash, ...labels } = metadata?.labels ?? {}
  return { labels, annotations: metadata?.annotations ?? {}, spec }
}

function selects({ spec }: Deployment, labels: Labels = {}): boolean {
  return Object.entries(spec.selector.matchLabels ?? {}).every(([name, value]) => labels[name] === value)
}

function adopt(draft: Draft, deployment: Deployment, set: ReplicaSet): ReplicaSet {
  const ownerReferences = [controllerReference(deployment)]
  return draft.write(set, { ...set, metadata: { ...set.metadata, ownerReferences } })
}

export function controllerReference({ apiVersion, kind, metadata }: Deployment | ReplicaSet): {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller: true
  readonly blockOwnerDeletion: true
} {
  const { name, uid } = metadata
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}
