/** One pod's life: found a node, given its volumes, its init containers one by one, then all others at once. */
import type { Container } from '../kubernetes/objects.ts'
import { created } from './container-status.ts'
import { playContainer } from './play-container.ts'
import type { PodStage } from './pod-stage.ts'
import { backOffSeconds, noNode, noVolume } from './wording.ts'

/** Ends only by a throw: when the play is over, or when the API server refuses what we write. */
export async function playPod(stage: PodStage): Promise<void> {
  if (stage.pod.spec.nodeName === undefined) await findNode(stage)
  const { initContainers = [], containers } = stage.pod.spec
  const creating = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  if (!stage.record.state.sandbox) await makeSandbox(stage, [...initContainers, ...containers], creating)
  // The play before this one may have been broken off between its decision and its word.
  if (stage.record.unwritten) await stage.setState({})
  for (const container of initContainers) {
    if (stage.status(container.name)?.state.terminated?.exitCode === 0) continue
    await playContainer({ stage, container, creating, init: true })
  }
  await Promise.all(containers.map((container) => playContainer({ stage, container, creating, init: false })))
}

async function findNode(stage: PodStage): Promise<void> {
  for (let failures = 1; ; failures++) {
    const { plan } = stage
    if (plan.outcome !== 'unschedulable') break
    const message = plan.message ?? noNode
    await stage.warnAsScheduler('FailedScheduling', message)
    if (stage.record.state.unschedulable !== message) await stage.setState({ unschedulable: message })
    await stage.backOff(backOffSeconds(failures))
  }
  await stage.bind()
}

async function makeSandbox(stage: PodStage, all: readonly Container[], creating: string): Promise<void> {
  const containers = new Map(all.map((container) => [container.name, created(container, creating)]))
  const waiting = { unschedulable: undefined, containers }
  for (let failures = 1; ; failures++) {
    const { plan } = stage
    if (plan.outcome !== 'mount-fails') break
    if (failures === 1) await stage.setState(waiting)
    await stage.warn('FailedMount', plan.message ?? noVolume)
    await stage.backOff(backOffSeconds(failures))
  }
  await stage.setState({ ...waiting, sandbox: true })
}
