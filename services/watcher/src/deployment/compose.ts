import { type DeploymentObservation, type Occasion, observationVersion } from '@hermod/contracts'
import { annotationProblems } from './annotation-problems.ts'
import type { Sight } from './publish-decision.ts'

/** What an observation says beside what its Deployment and its pods say. */
export interface Setting {
  readonly cluster: string
  /** Only ours; undefined where the namespace may not be read. */
  readonly namespaceAnnotations: Readonly<Record<string, string>> | undefined
  readonly namespaceListed: boolean
  readonly occasion: Occasion
  readonly deleted: boolean
  readonly spec: Readonly<Record<string, unknown>> | undefined
  /** RFC 3339. */
  readonly observedAt: string
}

/** The whole observation, complete by itself. */
export function composeObservation(
  { facts, diagnosis, newReplicaSet }: Sight,
  setting: Setting,
): DeploymentObservation {
  const { cluster, namespaceAnnotations, namespaceListed, occasion, deleted, spec, observedAt } = setting
  return {
    kind: 'observation',
    version: observationVersion,
    cluster,
    ...facts,
    deleted,
    ...(namespaceAnnotations && { namespaceAnnotations }),
    namespaceListed,
    problems: [
      ...annotationProblems('Namespace', namespaceAnnotations ?? {}),
      ...annotationProblems('Deployment', facts.annotations),
    ],
    ...(newReplicaSet && { newReplicaSet }),
    ...(diagnosis && { diagnosis }),
    ...(spec && { spec }),
    occasion,
    observedAt,
  }
}
