/** One container's life on a node, try by try, as the plan has it. */
import type { Container, ContainerStatus } from '../kubernetes/objects.ts'
import { begun, created, running, terminated, waiting } from './container-status.ts'
import type { KubeletPlan, Plan } from './plan.ts'
import type { PodStage } from './pod-stage.ts'
import {
  backOffSeconds,
  invalidImage,
  noSecret,
  noSuchImage,
  probeRefused,
  restartBackOff,
  restartBackOffEvent,
} from './wording.ts'

export interface Role {
  readonly stage: PodStage
  readonly container: Container
  /** What it waits with before its first try: ContainerCreating, PodInitializing. */
  readonly creating: string
  readonly init: boolean
}

/** Resolves when an init container has done its work; another one's life ends with its pod alone, by a throw. */
export async function playContainer(role: Role): Promise<void> {
  for (let failures = 0; ; ) {
    const plan = planFor(role)
    failures = plan.outcome === 'ready' ? 0 : failures + 1
    switch (plan.outcome) {
      case 'invalid-image-name':
        await refuseImageName(role, failures)
        break
      case 'image-pull-fails':
        await failToPull(role, plan, failures)
        break
      case 'config-error':
        await failToConfigure(role, plan, failures)
        break
      case 'crashes':
        await crash(role, plan)
        break
      case 'never-ready':
        await runUnready(role, plan, failures)
        break
      case 'ready':
        await run(role, plan)
        if (role.init) return
    }
  }
}

type ContainerPlan = Exclude<KubeletPlan, Plan<'unschedulable' | 'mount-fails'>>

/** A plan that is not about this container lets it run. One about the whole pod has been seen to before. */
function planFor({ stage, container, init }: Role): ContainerPlan {
  const { plan } = stage
  const well = { outcome: 'ready' } as const
  if (plan.outcome === 'unschedulable' || plan.outcome === 'mount-fails') return well
  if (plan.outcome === 'ready') return init ? well : plan
  const failing = plan.container ?? stage.pod.spec.containers[0]?.name
  return failing === container.name ? plan : well
}

async function refuseImageName({ stage, container, creating }: Role, failures: number): Promise<void> {
  const message = invalidImage(container.image)
  await stage.warn('InspectFailed', message, container.name)
  await stage.warn('Failed', 'Error: InvalidImageName', container.name)
  await stage.setContainer(waiting(statusOf(stage, container, creating), 'InvalidImageName', message))
  await stage.backOff(backOffSeconds(failures))
}

async function failToPull(role: Role, plan: Plan<'image-pull-fails'>, failures: number): Promise<void> {
  const { stage, container, creating } = role
  const { name, image } = container
  const message = plan.message ?? noSuchImage(image)
  await stage.note('Pulling', `Pulling image "${image}"`, name)
  await stage.pause(plan.pullMs ?? 0)
  await stage.warn('Failed', `Failed to pull image "${image}": ${message}`, name)
  await stage.warn('Failed', 'Error: ErrImagePull', name)
  await stage.setContainer(waiting(statusOf(stage, container, creating), 'ErrImagePull', message))
  const seconds = backOffSeconds(failures)
  await stage.backOff(seconds / 2)

  const backOff = `Back-off pulling image "${image}"`
  await stage.note('BackOff', backOff, name)
  await stage.warn('Failed', 'Error: ImagePullBackOff', name)
  const why = `${backOff}: ErrImagePull: ${message}`
  await stage.setContainer(waiting(statusOf(stage, container, creating), 'ImagePullBackOff', why))
  await stage.backOff(seconds / 2)
}

async function failToConfigure(role: Role, plan: Plan<'config-error'>, failures: number): Promise<void> {
  const { stage, container, creating } = role
  const message = plan.message ?? noSecret
  await stage.warn('Failed', `Error: ${message}`, container.name)
  await stage.setContainer(
    waiting(statusOf(stage, container, creating), 'CreateContainerConfigError', message),
  )
  await stage.backOff(backOffSeconds(failures))
}

async function crash({ stage, container, creating }: Role, plan: Plan<'crashes'>): Promise<void> {
  const { name } = container
  const reason = plan.reason ?? 'Error'
  const exitCode = plan.exitCode ?? { Error: 1, OOMKilled: 137, Completed: 0 }[reason]
  let status = begun(statusOf(stage, container, creating))
  if (plan.runsMs !== undefined) {
    status = running(status, !container.readinessProbe, stage.now())
    await stage.setContainer(status)
    await stage.pause(plan.runsMs)
  }
  status = terminated(status, { exitCode, reason }, stage.now())
  await stage.setContainer(status)
  // The first end of a container is followed by a restart at once; from the second on the node waits.
  if (status.restartCount === 0) return
  const seconds = backOffSeconds(status.restartCount)
  await stage.warn('BackOff', restartBackOffEvent(name, stage.pod), name)
  await stage.setContainer(waiting(status, 'CrashLoopBackOff', restartBackOff(name, stage.pod, seconds)))
  await stage.backOff(seconds)
}

async function runUnready(role: Role, plan: Plan<'never-ready'>, failures: number): Promise<void> {
  const { stage, container, creating } = role
  const before = statusOf(stage, container, creating)
  if (!before.state.running || before.ready)
    await stage.setContainer(running(begun(before), false, stage.now()))
  await stage.warn('Unhealthy', `Readiness probe failed: ${plan.message ?? probeRefused}`, container.name)
  await stage.backOff(backOffSeconds(failures))
}

async function run({ stage, container, creating, init }: Role, plan: Plan<'ready'>): Promise<void> {
  const status = begun(statusOf(stage, container, creating))
  if (init) {
    const done = terminated(status, { exitCode: 0, reason: 'Completed' }, stage.now())
    await stage.setContainer({ ...done, ready: true })
    return
  }
  if (!status.state.running) {
    await stage.pause(plan.pullMs ?? 0)
    await stage.setContainer(running(status, false, stage.now()))
  }
  if (!status.ready) {
    await stage.pause(plan.readyAfterMs ?? 30)
    await stage.setContainer(running(statusOf(stage, container, creating), true, stage.now()))
  }
  await stage.pause()
}

function statusOf(stage: PodStage, container: Container, creating: string): ContainerStatus {
  return stage.status(container.name) ?? created(container, creating)
}
