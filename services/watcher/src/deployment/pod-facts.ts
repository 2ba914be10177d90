import type { Cause, ContainerRole, Termination } from '@hermod/contracts'
import type { V1ContainerStateTerminated, V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { clipText } from './clip-text.ts'
import type { Wire } from './wire.ts'

const longestWord = 100

/** One thing that is wrong with one pod. */
export type Trouble = Omit<Cause, 'pods'>

/** What is kept of a pod: whose it is and what is wrong with it. A healthy pod is a few words. */
export interface PodFacts {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly replicaSetUid: string
  readonly troubles: readonly Trouble[]
  /** Since when it is not ready; absent = it is. */
  readonly unreadySince?: string | undefined
}

/** Undefined for a pod that no ReplicaSet controls, and for one on its way out. */
export function observePod(pod: Wire<V1Pod>): PodFacts | undefined {
  const { metadata, status } = pod
  const owner = metadata?.ownerReferences?.find(({ controller, kind }) => controller && kind === 'ReplicaSet')
  if (!owner?.uid || metadata?.deletionTimestamp) return undefined
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const unreadySince =
    ready?.status === 'True' ? undefined : (ready?.lastTransitionTime ?? metadata?.creationTimestamp)
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    replicaSetUid: owner.uid,
    troubles: [...podTroubles(pod), ...containerTroubles(pod)],
    ...(unreadySince && { unreadySince }),
  }
}

/** Its status does not say, or not fully, why it does not come up: a container that ended may have been killed. */
export function isUnexplained({ unreadySince, troubles }: PodFacts): boolean {
  const mayBeKilled = ({ lastTermination }: Trouble): boolean =>
    lastTermination !== undefined && lastTermination.reason !== 'OOMKilled'
  return unreadySince !== undefined && troubles.every(mayBeKilled)
}

function podTroubles({ status }: Wire<V1Pod>): Trouble[] {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False') {
    const { reason, message, lastTransitionTime: since } = scheduled
    return [
      {
        reason: clipText(reason || 'Unschedulable', longestWord),
        message: clipText(message ?? ''),
        restarts: 0,
        ...(since && { since }),
      },
    ]
  }
  if (status?.phase !== 'Failed') return []
  const reason = clipText(status.reason || 'Failed', longestWord)
  return [{ reason, message: clipText(status.message ?? ''), restarts: 0 }]
}

function containerTroubles({ spec, status }: Wire<V1Pod>): Trouble[] {
  const sidecars = new Set(
    (spec?.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  )
  const init = (status?.initContainerStatuses ?? []).flatMap((each) =>
    containerTrouble(each, sidecars.has(each.name) ? 'sidecar' : 'init'),
  )
  const regular = (status?.containerStatuses ?? []).flatMap((each) => containerTrouble(each, 'container'))
  return [...init, ...regular]
}

// Every container waits for these on its ordinary way up.
const onItsWay: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

function containerTrouble(status: Wire<V1ContainerStatus>, role: ContainerRole): Trouble[] {
  const { state, lastState, ready, restartCount, name, image } = status
  const last = termination(state?.terminated) ?? termination(lastState?.terminated)
  // An init container that ends well has done its work; any other is meant to go on.
  const ended = last?.exitCode === 0 && role === 'init' ? undefined : last
  const waiting = state?.waiting?.reason
  const stuck = waiting !== undefined && waiting !== null && !onItsWay.has(waiting)
  // Between two crashes a container runs, or waits as a new one does: it is still the one that crashed.
  const crashed = ended !== undefined && !ready
  if (!stuck && !crashed) return []
  const reason = stuck ? waiting : (ended?.reason ?? 'Error')
  const message = (stuck ? state?.waiting?.message : ended?.message) ?? ''
  return [
    {
      reason: clipText(reason, longestWord),
      message: clipText(message),
      container: { name: name ?? '?', role, image: clipText(image ?? '') },
      restarts: restartCount ?? 0,
      ...(ended && { lastTermination: ended }),
      ...(ended?.finishedAt && { since: ended.finishedAt }),
    },
  ]
}

function termination(ended: Wire<V1ContainerStateTerminated> | null | undefined): Termination | undefined {
  if (!ended) return undefined
  const { exitCode, signal, message, finishedAt } = ended
  return {
    reason: clipText(ended.reason || (exitCode ? 'Error' : 'Completed'), longestWord),
    exitCode: exitCode ?? 0,
    ...(signal && { signal }),
    ...(message && { message: clipText(message) }),
    ...(finishedAt && { finishedAt }),
  }
}
