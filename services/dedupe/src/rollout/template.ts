import type { DeploymentObservation } from '@hermod/contracts'
import { sameContainers } from './containers.ts'
import type { PastTemplate, TemplateRecord, Tracked } from './rollout.ts'
import { isComplete } from './rollout-status.ts'

export function templateRecord({
  template,
  newReplicaSet,
  generation,
}: DeploymentObservation): TemplateRecord {
  const { digest, aspects, keyId, digestVersion } = template
  return {
    digest,
    aspects,
    keyId,
    digestVersion,
    podTemplateHash: newReplicaSet?.podTemplateHash,
    generation,
  }
}

/**
 * Whether the pod template changed since. `unknown`: the digests were made under different keys, and neither the new
 * ReplicaSet nor the revision, which would decide, is known yet.
 */
export function templateChange(
  tracked: Tracked,
  seen: DeploymentObservation,
): 'same' | 'changed' | 'unknown' {
  // Within one generation the spec cannot change: the digest's key, its version or an API default did.
  if (seen.generation <= tracked.template.generation) return 'same'
  const known = tracked.template
  if (comparable(known, seen.template)) return known.digest === seen.template.digest ? 'same' : 'changed'
  if (!sameContainers(tracked.rollout.containers, seen.template.containers)) return 'changed'
  const hash = seen.newReplicaSet?.podTemplateHash
  if (hash === undefined || known.podTemplateHash === undefined) return changeByRevision(tracked, seen)
  return hash === known.podTemplateHash ? 'same' : 'changed'
}

// It changes with the ReplicaSet alone, and all that is wanted is available only once it has.
function changeByRevision(
  { seen: { revision } }: Tracked,
  seen: DeploymentObservation,
): 'same' | 'changed' | 'unknown' {
  if (revision === undefined || seen.revision === undefined) return 'unknown'
  if (revision !== seen.revision) return 'changed'
  return seen.observedGeneration >= seen.generation && isComplete(seen.replicas) ? 'same' : 'unknown'
}

/** Keeps the hash once it is known: ReplicaSets are watched only while a rollout is open. */
export function refreshedTemplate(tracked: Tracked, seen: DeploymentObservation): TemplateRecord {
  const known = tracked.template
  if (templateChange(tracked, seen) === 'unknown') return known
  return {
    ...templateRecord(seen),
    podTemplateHash: seen.newReplicaSet?.podTemplateHash ?? known.podTemplateHash,
  }
}

/** Two records of one pod template, by digest or by the hash that the controller gives its ReplicaSet. */
export function sameTemplate(one: Omit<PastTemplate, 'revision'>, other: PastTemplate): boolean {
  if (comparable(one, other)) return one.digest === other.digest
  return one.podTemplateHash !== undefined && one.podTemplateHash === other.podTemplateHash
}

interface Keyed {
  readonly keyId: string
  readonly digestVersion: number
}

function comparable(one: Keyed, other: Keyed): boolean {
  return one.keyId === other.keyId && one.digestVersion === other.digestVersion
}
