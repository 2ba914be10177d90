import type { DeploymentObservation, Rollout } from '@hermod/contracts'

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
export function factsOf(seen: DeploymentObservation): Facts {
  const { cluster, namespace, name, replicas, template, git, changedBy, changeCause, team } = seen
  const { annotations, namespaceAnnotations, namespaceListed, problems } = seen
  return {
    cluster,
    namespace,
    name,
    replicas,
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
