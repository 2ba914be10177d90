/** PURE: one container's status, step by step, as pkg/kubelet/kubelet_pods.go convertToAPIContainerStatuses gives it. */
import { createHash } from 'node:crypto'
import type { Container, ContainerStatus } from '../kubernetes/objects.ts'

export function waiting(status: ContainerStatus, reason: string, message?: string): ContainerStatus {
  return {
    ...status,
    ready: false,
    started: false,
    lastState: lastStateOf(status),
    state: { waiting: message === undefined ? { reason } : { reason, message } },
  }
}

export function created({ name, image }: Container, reason: string): ContainerStatus {
  const none = {
    name,
    image,
    imageID: '',
    ready: false,
    started: false,
    restartCount: 0,
    state: {},
    lastState: {},
  }
  return waiting(none, reason)
}

export function running(status: ContainerStatus, ready: boolean, now: string): ContainerStatus {
  const startedAt = status.state.running?.startedAt ?? now
  return {
    ...status,
    imageID: imageId(status.image),
    containerID: containerId(status),
    ready,
    started: true,
    lastState: lastStateOf(status),
    state: { running: { startedAt } },
  }
}

export function terminated(
  status: ContainerStatus,
  { exitCode, reason }: { exitCode: number; reason: string },
  now: string,
): ContainerStatus {
  const startedAt = status.state.running?.startedAt ?? now
  const containerID = containerId(status)
  return {
    ...status,
    imageID: imageId(status.image),
    containerID,
    ready: false,
    started: false,
    lastState: lastStateOf(status),
    state: { terminated: { exitCode, reason, startedAt, finishedAt: now, containerID } },
  }
}

/** Ready for its next life: the same one while it runs, the first if it had none, else one restart more. */
export function begun(status: ContainerStatus): ContainerStatus {
  const { state, lastState, restartCount } = status
  if (state.running || !(state.terminated ?? lastState.terminated)) return status
  return { ...status, lastState: lastStateOf(status), state: {}, restartCount: restartCount + 1 }
}

function lastStateOf({ state, lastState }: ContainerStatus): ContainerStatus['lastState'] {
  return state.terminated ? { terminated: state.terminated } : lastState
}

function containerId({ name, restartCount }: ContainerStatus): string {
  return `containerd://${hash(`${name}/${restartCount}`)}`
}

function imageId(image: string): string {
  return `${image.replace(/:[^/:]*$/, '')}@sha256:${hash(image)}`
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
