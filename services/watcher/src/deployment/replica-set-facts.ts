import type { DeploymentCondition, ReplicaSetFacts } from '@hermod/contracts'
import type { V1ReplicaSet } from '@kubernetes/client-node'
import { conditionFacts } from './condition-facts.ts'
import { type Digester, templateDigest } from './template-digest.ts'
import type { Wire } from './wire.ts'

/** A ReplicaSet of a Deployment, with the digest that its template has under the Deployment's key. */
export interface OwnedReplicaSet extends ReplicaSetFacts {
  readonly namespace: string
  readonly deploymentUid: string
  readonly templateDigest: string
  readonly conditions: readonly DeploymentCondition[]
}

/** The uid of the Deployment that controls it. */
export function deploymentOf({ metadata }: Wire<V1ReplicaSet>): string | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller, kind }) => controller && kind === 'Deployment')
  return owner?.uid || undefined
}

/** It has no pods, and is to have none. */
export function isEmpty({ spec, status }: Wire<V1ReplicaSet>): boolean {
  return spec?.replicas === 0 && (status?.replicas ?? 0) === 0
}

/** Undefined for a ReplicaSet that no Deployment controls. */
export function observeReplicaSet(
  replicaSet: Wire<V1ReplicaSet>,
  digesterOf: (deploymentUid: string) => Digester,
): OwnedReplicaSet | undefined {
  const { metadata, spec, status } = replicaSet
  const deploymentUid = deploymentOf(replicaSet)
  if (deploymentUid === undefined) return undefined
  const revision = metadata?.annotations?.['deployment.kubernetes.io/revision']
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    podTemplateHash: metadata?.labels?.['pod-template-hash'] ?? '',
    creationTimestamp: metadata?.creationTimestamp ?? '',
    ...(revision && { revision }),
    deploymentUid,
    templateDigest: templateDigest(spec?.template ?? {}, digesterOf(deploymentUid)),
    conditions: conditionFacts(status?.conditions),
  }
}

/**
 * The ReplicaSet of the current template. Of several the oldest, as the controller chooses
 * (kubernetes 1.36 pkg/controller/deployment/util FindNewReplicaSet).
 */
export function newReplicaSetOf(
  replicaSets: Iterable<OwnedReplicaSet>,
  currentDigest: string,
): OwnedReplicaSet | undefined {
  const matching = [...replicaSets].filter(({ templateDigest: digest }) => digest === currentDigest)
  return matching.sort((a, b) => (ageRank(a) < ageRank(b) ? -1 : 1))[0]
}

function ageRank({ creationTimestamp, name }: OwnedReplicaSet): string {
  return `${creationTimestamp}/${name}`
}
