/** Which controller looks at what after a change, and how soon: about as late as the real ones when nothing presses. */
import type { Change, ClusterOptions, Work } from './cluster-state.ts'
import type { Kind, StoredObject } from './objects.ts'

export interface Look {
  readonly work: Work
  readonly delayMs: number
}

const controllerMs = 8
const ownerMs = 4
// A Deployment's controller hears of a ReplicaSet before that one's controller has seen its new pods.
const ownerLookMs = 6
const nodeMs = 10
// By then the Deployment has told that its pods are gone.
const namespaceEmptyMs = 60
const eventLifeMs = 3_600_000
/** kubernetes v1.36.3 pkg/controller/namespace/namespace_controller.go namespaceDeletionGracePeriod. */
const namespaceMs = 5_000

export function looksAfter({ type, object }: Change, { terminationMs = 0 }: ClusterOptions): readonly Look[] {
  const { metadata, kind } = object
  const looks: Look[] = [...ownerLooks(object)]
  const look = (controller: Work['controller'], delayMs: number): void =>
    void looks.push({
      work: { controller, namespace: metadata.namespace ?? '', name: metadata.name },
      delayMs,
    })
  if (type === 'DELETED') {
    if (kind === 'Deployment' || kind === 'ReplicaSet')
      looks.push({
        work: { controller: 'dependents', namespace: metadata.namespace ?? '', name: metadata.uid },
        delayMs: ownerMs,
      })
    if (kind === 'Pod' && metadata.namespace !== undefined)
      looks.push({
        work: { controller: 'Namespace', namespace: '', name: metadata.namespace },
        delayMs: namespaceEmptyMs,
      })
    return looks
  }
  const ending = metadata.deletionTimestamp !== undefined
  if (kind === 'Deployment' || kind === 'ReplicaSet') {
    look(kind, controllerMs)
    if (ending) look('owner', controllerMs * 2)
  }
  if (kind === 'Pod' && ending) look('pod-end', terminationMs)
  if (kind === 'Pod' && type === 'ADDED') look('Pod', nodeMs)
  if (kind === 'Namespace' && ending) look('Namespace', namespaceMs)
  if (kind === 'Event' && type === 'ADDED') look('Event', eventLifeMs)
  return looks
}

const controlled: Partial<Record<Kind, 'Deployment' | 'ReplicaSet'>> = {
  ReplicaSet: 'Deployment',
  Pod: 'ReplicaSet',
}

// A controller learns of its dependents, and the collector of owners that wait for theirs to be gone.
function ownerLooks({ kind, metadata }: StoredObject): readonly Look[] {
  const controller = controlled[kind]
  if (controller === undefined) return []
  const { namespace = '' } = metadata
  return (metadata.ownerReferences ?? []).flatMap(({ name }) => [
    { work: { controller, namespace, name }, delayMs: kind === 'ReplicaSet' ? ownerLookMs : controllerMs },
    { work: { controller: 'owner', namespace, name }, delayMs: controllerMs * 2 },
  ])
}
