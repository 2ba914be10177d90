/** PURE: a pod's status from what its containers do, by the rules of kubernetes v1.36.3 pkg/kubelet. */
import type { Condition, ContainerStatus, Pod, PodStatus } from '../kubernetes/objects.ts'

export interface PodState {
  /** The scheduler's words, while it has found no node. */
  readonly unschedulable?: string | undefined
  /** Whether there is a sandbox that containers can start in. */
  readonly sandbox: boolean
  /** By name; init containers among them. */
  readonly containers: ReadonlyMap<string, ContainerStatus>
}

/** `previous` and `now` serve the times of the conditions: a status that stays keeps its time. */
export function describePod(
  pod: Pod,
  state: PodState,
  previous: readonly Condition[],
  now: string,
): PodStatus {
  const generation = pod.metadata.generation
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  const stamp = (condition: Condition): Condition => {
    const before = previous.find(({ type }) => type === condition.type)
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now
    return { ...condition, ...observed, lastTransitionTime: lastTransitionTime ?? now }
  }
  if (state.unschedulable !== undefined) {
    const message = state.unschedulable
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const
    return { ...observed, phase: 'Pending', conditions: [stamp(condition)] }
  }
  const main = statusesOf(pod.spec.containers, state)
  const init = statusesOf(pod.spec.initContainers ?? [], state)
  return {
    ...observed,
    phase: phaseOf(main),
    startTime: pod.status.startTime ?? now,
    conditions: [
      { type: 'PodReadyToStartContainers', status: state.sandbox ? 'True' : 'False' } as const,
      initialized(main, init),
      ...readiness(main),
      { type: 'PodScheduled', status: 'True' } as const,
    ].map(stamp),
    containerStatuses: main,
    ...(init.length > 0 && { initContainerStatuses: init }),
  }
}

function statusesOf(
  containers: readonly { name: string }[],
  { containers: known }: PodState,
): ContainerStatus[] {
  return containers.map(({ name }) => known.get(name)).filter((status) => status !== undefined)
}

/** kubelet_pods.go getPhase, for pods that restart always: while init containers work, the others wait. */
function phaseOf(main: readonly ContainerStatus[]): string {
  const waits = ({ state, lastState }: ContainerStatus): boolean => !!state.waiting && !lastState.terminated
  return main.some(waits) ? 'Pending' : 'Running'
}

/** status/generate.go GeneratePodInitializedCondition. */
function initialized(main: readonly ContainerStatus[], init: readonly ContainerStatus[]): Condition {
  const incomplete = init.filter((status) => !isComplete(status))
  if (incomplete.length === 0 || main.some(({ started }) => started))
    return { type: 'Initialized', status: 'True' }
  return {
    type: 'Initialized',
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${listOf(incomplete)}`,
  }
}

/** status/generate.go GeneratePodReadyCondition and GenerateContainersReadyCondition. */
function readiness(main: readonly ContainerStatus[]): readonly Condition[] {
  const unready = main.filter(({ ready }) => !ready)
  const types = ['Ready', 'ContainersReady']
  if (unready.length === 0) return types.map((type) => ({ type, status: 'True' }))
  const message = `containers with unready status: ${listOf(unready)}`
  return types.map((type) => ({ type, status: 'False', reason: 'ContainersNotReady', message }))
}

function isComplete({ state }: ContainerStatus): boolean {
  return state.terminated?.exitCode === 0
}

/** As Go prints a slice: `[app sidecar]`. */
function listOf(statuses: readonly ContainerStatus[]): string {
  return `[${statuses.map(({ name }) => name).join(' ')}]`
}
