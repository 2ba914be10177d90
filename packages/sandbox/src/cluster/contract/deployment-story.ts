/**
 * What happened to one Deployment, in a form that two clusters which did the same must share to the letter, while
 * they may differ in what no level-based watcher can rely on: how many writes the controllers made of it.
 *
 * A controller writes whole states, and a busy one skips some. So counters in between are left out, and what is left
 * is told in strands, each the sequence of its own values without repeats. Within a strand nothing may be skipped,
 * added or turned around: every value of it is one decision of a controller, made once. Between strands the order is
 * free: whether the generation is observed before or with the first new pod depends on who was quicker.
 */
import type { Deployment, KubeApi, KubeObject, Pod, RecordedEvent, ReplicaSet } from '@hermod/testkit'

export interface Story {
  /** Generation, revision, what Progressing says of which template, and what fails: all that `rollout` prints. */
  readonly decisions: readonly string[]
  readonly observed: readonly string[]
  readonly available: readonly string[]
  readonly complete: readonly string[]
}

const revisionKey = 'deployment.kubernetes.io/revision'

export function tellStory(events: readonly RecordedEvent[], sets: readonly ReplicaSet[]): Story {
  const plain = wordsOf(sets)
  const strand = (
    told: readonly RecordedEvent[],
    tell: (event: RecordedEvent) => string,
  ): readonly string[] => told.map(tell).filter((value, at, all) => value !== all[at - 1])
  // What is deleted is counted down and removed by two who do not wait for each other.
  const living = events.filter(
    ({ type, deployment }) => type !== 'DELETED' && deployment.metadata.deletionTimestamp === undefined,
  )
  return {
    decisions: strand(events.filter(hasReplicaSet), ({ type, deployment: { metadata, spec, status } }) => {
      const conditions = (status.conditions ?? [])
        .filter((condition) => condition.type !== 'Available')
        .map(({ status: is, reason, message = '' }) => `${reason}=${is} "${plain(message)}"`)
      const ending = metadata.deletionTimestamp === undefined ? '' : ' ending'
      const image = spec.template.spec.containers[0]?.image
      const revision = metadata.annotations?.[revisionKey] ?? '-'
      const what = type === 'DELETED' ? 'DELETED' : `gen${metadata.generation}`
      return `${what}${ending} ${image} rev${revision} ${conditions.sort().join(' ')}`.trim()
    }),
    observed: strand(
      living,
      ({ deployment: { metadata, status } }) => `${status.observedGeneration ?? 0}/${metadata.generation}`,
    ),
    available: strand(living, ({ deployment: { status } }) => conditionOf(status, 'Available')),
    complete: strand(living, ({ deployment }) => String(isComplete(deployment))),
  }
}

// With Recreate: whether the controller looks once more between the end of the old pods and the new ReplicaSet, and
// then says that the Deployment itself progresses, is a matter of chance.
function hasReplicaSet({ deployment: { status } }: RecordedEvent): boolean {
  return !status.conditions?.some(({ message = '' }) => /^Deployment ".*" is progressing/.test(message))
}

/** At which a status told that a ReplicaSet was made; one that still stands at a later revision is no note of it. */
export function notedRevisions(events: readonly RecordedEvent[]): readonly string[] {
  const notes = new Map<string, string>()
  for (const { deployment } of events)
    for (const { reason, message = '' } of deployment.status.conditions ?? [])
      if (reason === 'NewReplicaSetCreated' && !notes.has(message))
        notes.set(message, deployment.metadata.annotations?.[revisionKey] ?? '')
  return [...notes.values()]
}

function conditionOf({ conditions = [] }: Deployment['status'], wanted: string): string {
  const found = conditions.find(({ type }) => type === wanted)
  return `${found?.status ?? '-'} ${found?.reason ?? ''} ${found?.message ?? ''}`.trim()
}

/** kubectl rollout status. */
function isComplete({ metadata, spec, status }: Deployment): boolean {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = status
  const counted =
    updatedReplicas === spec.replicas && replicas === updatedReplicas && availableReplicas === spec.replicas
  return (
    counted && observedGeneration >= (metadata.generation ?? 0) && metadata.deletionTimestamp === undefined
  )
}

interface KubeEvent extends KubeObject {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly involvedObject: { readonly kind: string; readonly name: string }
}

/** Everything that stands in a namespace, but for what is each cluster's own: uids, versions, times, hashes. */
export async function tellNamespace(api: KubeApi, namespace: string): Promise<unknown> {
  const [deployments, sets, pods, events] = await Promise.all([
    api.list<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments`),
    api.list<ReplicaSet & { readonly status: { readonly observedGeneration?: number } }>(
      `/apis/apps/v1/namespaces/${namespace}/replicasets`,
    ),
    api.list<Pod>(`/api/v1/namespaces/${namespace}/pods`),
    api.list<KubeEvent>(`/api/v1/namespaces/${namespace}/events`),
  ])
  const plain = wordsOf(sets.items)
  const essential = (value: object): string => plain(JSON.stringify(value, plainly))
  // What was to be said of a pod that is gone may have come too late.
  const standing = new Set(pods.items.map(({ metadata }) => metadata.name))
  const told = events.items.filter(
    ({ involvedObject: { kind, name } }) => kind !== 'Pod' || standing.has(name),
  )
  return {
    deployments: deployments.items.map(({ metadata, spec, status }) =>
      essential({ ...essence(metadata), generation: metadata.generation, spec, status: ordered(status) }),
    ),
    replicaSets: sets.items
      .map(({ metadata, spec, status: { observedGeneration: _observed, ...status } }) =>
        essential({ ...essence(metadata), spec, status }),
      )
      .sort(),
    pods: pods.items.map(podWords).sort(),
    events: [...new Set(told.map((event) => plain(eventWords(event))))].sort(),
  }
}

// How often a ReplicaSet was scaled, and from when on Events are summed up, is a matter of pace: of what goes well only
// the kind is compared, of what fails every word.
function eventWords({ type, reason, message, involvedObject }: KubeEvent): string {
  return `${involvedObject.kind} ${type} ${reason} ${type === 'Warning' ? message : ''}`.trim()
}

function essence({ labels, annotations, ownerReferences }: KubeObject['metadata']): object {
  const owners = ownerReferences?.map(({ kind, name }) => `${kind} ${name}`)
  return { labels, annotations, owners }
}

function ordered(status: Deployment['status']): object {
  return { ...status, conditions: status.conditions?.toSorted((a, b) => (a.type < b.type ? -1 : 1)) }
}

function podWords({ spec, status }: Pod): string {
  const [container] = status.containerStatuses ?? []
  const waiting = container?.state.waiting?.reason
  // A pod that fails again and again stands now here, now there.
  const troubled = waiting !== undefined || (container?.restartCount ?? 0) > 0
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  return [
    spec.containers[0]?.image,
    troubled ? 'troubled' : status.phase,
    ready?.status,
    ready?.message,
  ].join(' ')
}

/** ReplicaSets are called by the image of their template, and their pods all alike. */
function wordsOf(sets: readonly ReplicaSet[]): (text: string) => string {
  const names = sets.map(({ metadata, spec }) => {
    const hash = metadata.labels?.['pod-template-hash'] ?? metadata.name
    return [hash, `<${spec.template.spec.containers[0]?.image}>`] as const
  })
  return (text) =>
    names
      .reduce((words, [hash, image]) => words.replaceAll(hash, image), text)
      .replaceAll(/\bweb-[bcdfghjklmnpqrstvwxz2456789]{6,}/g, 'web-<gone>')
      .replaceAll(/>-[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9])/g, '>-pod')
      .replaceAll(/\([0-9a-f-]{36}\)/g, '(uid)')
}

// Times, and what the order of keys is, are each cluster's own.
const own = new Set(['lastTransitionTime', 'lastUpdateTime', 'kubectl.kubernetes.io/restartedAt'])

function plainly(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const kept = Object.entries(value).filter(([key]) => !own.has(key))
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)))
}
