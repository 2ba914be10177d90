/**
 * PURE: a whole cluster as one function of its state, of what somebody does and of the time. Neither clock nor chance
 * comes from outside: the same inputs at the same times give the same cluster, bit for bit.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Action, perform } from './actions.ts'
import type { Change, ClusterOptions, ClusterState, Work } from './cluster-state.ts'
import { endNamespace, endOwner, removeDependents } from './collect-garbage.ts'
import { Draft } from './draft.ts'
import type { StoredObject } from './objects.ts'
import { Conflict, Refusal } from './refusal.ts'
import { syncDeployment } from './sync-deployment.ts'
import { planOf, syncPod } from './sync-pod.ts'
import { syncReplicaSet } from './sync-replica-set.ts'

export interface ClusterStep {
  readonly state: ClusterState
  /** In the order of their resourceVersions. */
  readonly changes: readonly Change[]
  /** What the API server answers to the action: the object as it is then. */
  readonly answer?: StoredObject | Refusal
  /** When the next step is due; undefined while nothing is. */
  readonly nextAtMs: number | undefined
}

/** A cluster with the namespaces that every cluster has. */
export function newCluster(seed: number, nowMs: number): ClusterState {
  const none: ClusterState = {
    objects: {
      Namespace: new Map(),
      Deployment: new Map(),
      ReplicaSet: new Map(),
      Pod: new Map(),
      Event: new Map(),
      ResourceQuota: new Map(),
    },
    // As on a real one, the first versions are gone before anybody can have seen them.
    version: 100,
    agenda: new Map(),
    failures: new Map(),
    lives: new Map(),
    seed,
  }
  const draft = new Draft(none, {}, nowMs)
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    perform(draft, { kind: 'create', object: { kind: 'Namespace', metadata: { name } } })
  return draft.finish()
}

/** Does what is asked, then everything that is due. An action that is refused changes nothing. */
export function stepCluster(
  state: ClusterState,
  action: Action | undefined,
  nowMs: number,
  options: ClusterOptions = {},
): ClusterStep {
  const draft = new Draft(state, options, nowMs)
  const answer = action && answerTo(draft, action)
  for (let work = draft.takeDue(); work; work = draft.takeDue()) attend(draft, work)
  const next = draft.finish()
  let nextAtMs: number | undefined
  for (const { atMs } of next.agenda.values()) if (nextAtMs === undefined || atMs < nextAtMs) nextAtMs = atMs
  return {
    state: next,
    changes: draft.changes,
    nextAtMs,
    ...(answer && { answer }),
  }
}

/** Looks at once at every pod for which another plan stands now than when it was last looked at. */
export function replan(state: ClusterState, nowMs: number, options: ClusterOptions): ClusterState {
  const draft = new Draft(state, options, nowMs)
  for (const pod of state.objects.Pod.values()) {
    const { namespace = '', name, uid } = pod.metadata
    const life = draft.lifeOf(uid)
    if (life && !isDeepStrictEqual(planOf(draft, pod), life.plan))
      draft.schedule({ controller: 'Pod', namespace, name }, 0, ' again')
  }
  return draft.finish()
}

function answerTo(draft: Draft, action: Action): StoredObject | Refusal {
  try {
    return perform(draft, action)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function attend(draft: Draft, work: Work): void {
  try {
    if (look(draft, work)) draft.retry(work)
    else draft.succeeded(work)
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
    draft.retry(work)
  }
}

/** Returns whether it failed and is to be tried again. */
function look(draft: Draft, { controller, namespace, name }: Work): boolean | void {
  switch (controller) {
    case 'Deployment':
      return syncDeployment(draft, namespace, name)
    case 'ReplicaSet':
      return syncReplicaSet(draft, namespace, name)
    case 'Pod':
      return syncPod(draft, namespace, name)
    case 'Namespace':
      return endNamespace(draft, name)
    case 'owner':
      return endOwner(draft, namespace, name)
    case 'dependents':
      return removeDependents(draft, namespace, name)
    case 'pod-end':
      return removeIfThere(draft, draft.get('Pod', namespace, name))
    case 'Event':
      return removeIfThere(draft, draft.get('Event', namespace, name))
  }
}

function removeIfThere(draft: Draft, object: StoredObject | undefined): void {
  if (object) draft.remove(object)
}
