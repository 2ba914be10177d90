/** One container's life on a node, beat by beat, as the plan has it: what testkit's kubelet plays on a real cluster. */
import {
  backOffSeconds,
  type Container,
  type ContainerStatus,
  containerBegun,
  containerRunning,
  containerTerminated,
  containerWaiting,
  invalidImage,
  type KubeletPlan,
  noSecret,
  noSuchImage,
  type Plan,
  probeRefused,
  restartBackOff,
  restartBackOffEvent,
} from '@hermod/testkit'
import type { ContainerLife } from './cluster-state.ts'
import type { Pod } from './objects.ts'

export interface Role {
  readonly pod: Pod
  readonly container: Container
  readonly init: boolean
  readonly status: ContainerStatus
  readonly now: string
}

/** What happens now, and after how long the next beat comes. */
interface Beat {
  readonly status?: ContainerStatus
  readonly says?: readonly Said[]
  readonly waitMs: number
  readonly next: number
  /** This try failed. */
  readonly failed?: true
}

interface Said {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export interface Played extends Omit<Beat, 'next' | 'failed'> {
  readonly life: Omit<ContainerLife, 'atMs'>
}

const never = Number.POSITIVE_INFINITY
const warning = (reason: string, message: string): Said => ({ type: 'Warning', reason, message })

/** Plays the next beat. `speed` says how many times faster than on a real node back-offs pass. */
export function playContainer(role: Role, plan: KubeletPlan, before: ContainerLife, speed: number): Played {
  const seconds = backOffSeconds(before.failures + 1)
  const { next, failed, ...beat } = beatOf(
    role,
    planFor(role, plan),
    before.beat,
    (seconds * 1_000) / speed,
    seconds,
  )
  return { ...beat, life: { beat: next, failures: before.failures + (failed ? 1 : 0) } }
}

/** One that is not about this container lets it run. */
function planFor({ container, init, pod }: Role, plan: KubeletPlan): KubeletPlan {
  const failing = ('container' in plan ? plan.container : undefined) ?? pod.spec.containers[0]?.name
  if (plan.outcome !== 'ready' && failing === container.name) return plan
  return init || plan.outcome !== 'ready' ? { outcome: 'ready' } : plan
}

function beatOf(role: Role, plan: KubeletPlan, beat: number, backOffMs: number, seconds: number): Beat {
  const { status, container, now } = role
  switch (plan.outcome) {
    case 'ready':
      return run(role, plan, beat)
    case 'never-ready': {
      const says = [warning('Unhealthy', `Readiness probe failed: ${plan.message ?? probeRefused}`)]
      return {
        status: containerRunning(containerBegun(status), false, now),
        says,
        waitMs: backOffMs,
        next: 0,
        failed: true,
      }
    }
    case 'invalid-image-name': {
      const message = invalidImage(container.image)
      const says = [warning('InspectFailed', message), warning('Failed', 'Error: InvalidImageName')]
      return {
        status: containerWaiting(status, 'InvalidImageName', message),
        says,
        waitMs: backOffMs,
        next: 0,
        failed: true,
      }
    }
    case 'config-error': {
      const message = plan.message ?? noSecret
      const refused = containerWaiting(status, 'CreateContainerConfigError', message)
      return {
        status: refused,
        says: [warning('Failed', `Error: ${message}`)],
        waitMs: backOffMs,
        next: 0,
        failed: true,
      }
    }
    case 'image-pull-fails':
      return failToPull(role, plan, beat, backOffMs / 2)
    case 'crashes':
      return crash(role, plan, beat, backOffMs, seconds)
    default:
      return { waitMs: never, next: beat }
  }
}

function run({ status, init, now }: Role, plan: Plan<'ready'>, beat: number): Beat {
  if (init) {
    const done = containerTerminated(containerBegun(status), { exitCode: 0, reason: 'Completed' }, now)
    return { status: { ...done, ready: true }, waitMs: never, next: 0 }
  }
  const running = status.state.running !== undefined
  if (beat === 0 && !running) return { waitMs: plan.pullMs ?? 0, next: 1 }
  if (!running) {
    return {
      status: containerRunning(containerBegun(status), false, now),
      waitMs: plan.readyAfterMs ?? 30,
      next: 2,
    }
  }
  if (beat < 2 && !status.ready) return { waitMs: plan.readyAfterMs ?? 30, next: 2 }
  return { status: containerRunning(status, true, now), waitMs: never, next: 3 }
}

function failToPull(
  { container, status }: Role,
  plan: Plan<'image-pull-fails'>,
  beat: number,
  waitMs: number,
): Beat {
  const { image } = container
  const message = plan.message ?? noSuchImage(image)
  if (beat === 0) {
    const says = [{ type: 'Normal', reason: 'Pulling', message: `Pulling image "${image}"` } as const]
    return { says, waitMs: plan.pullMs ?? 0, next: 1 }
  }
  if (beat === 1) {
    const says = [
      warning('Failed', `Failed to pull image "${image}": ${message}`),
      warning('Failed', 'Error: ErrImagePull'),
    ]
    return { status: containerWaiting(status, 'ErrImagePull', message), says, waitMs, next: 2 }
  }
  const backOff = `Back-off pulling image "${image}"`
  const waiting = containerWaiting(status, 'ImagePullBackOff', `${backOff}: ErrImagePull: ${message}`)
  const says = [
    { type: 'Normal', reason: 'BackOff', message: backOff } as const,
    warning('Failed', 'Error: ImagePullBackOff'),
  ]
  return { status: waiting, says, waitMs, next: 0, failed: true }
}

// The first end of a container is followed by a restart at once; from the second on the node waits.
function crash(role: Role, plan: Plan<'crashes'>, beat: number, backOffMs: number, seconds: number): Beat {
  const { pod, container, status, now } = role
  if (beat === 0 && plan.runsMs !== undefined) {
    const running = containerRunning(containerBegun(status), !container.readinessProbe, now)
    return { status: running, waitMs: plan.runsMs, next: 1 }
  }
  if (beat < 2) {
    const reason = plan.reason ?? 'Error'
    const exitCode = plan.exitCode ?? { Error: 1, OOMKilled: 137, Completed: 0 }[reason]
    const ended = containerTerminated(containerBegun(status), { exitCode, reason }, now)
    return { status: ended, waitMs: 0, next: ended.restartCount === 0 ? 0 : 2 }
  }
  const says = [warning('BackOff', restartBackOffEvent(container.name, pod))]
  const message = restartBackOff(container.name, pod, seconds)
  return {
    status: containerWaiting(status, 'CrashLoopBackOff', message),
    says,
    waitMs: backOffMs,
    next: 0,
    failed: true,
  }
}
