import type { DeploymentObservation, Rollout } from '@hermod/contracts'
import { countsOf } from './progress.ts'

type Facts = Omit<
  Rollout,
  | 'uid'
  | 'attempt'
  | 'phase'
  | 'reason'
  | 'message'
  | 'revision'
  | 'change'
  | 'diagnosis'
  | 'times'
  | 'typicalSeconds'
  | 'lastGood'
  | 'supersededBy'
>

/** What a rollout takes over from each observation as it stands. */
export function factsOf(seen: DeploymentObservation, attempt: number): Facts {
  const { cluster, namespace, name, template, git, changedBy, changeCause, team } = seen
  const { annotations, namespaceAnnotations, namespaceListed, problems } = seen
  return {
    cluster,
    namespace,
    name,
    replicas: countsOf(seen, attempt),
    containers: template.containers,
    git,
    changedBy,
    changeCause,
    team,
    annotations,
    namespaceAnnotations,
    namespaceListed,
    problems,
  }
}
