// From a pod's status to the diagnosis: rollouts that fail one after the other, more of them than are watched singly.
import { setTimeout as delay } from 'node:timers/promises'
import type { Deployment } from '@hermod/testkit'
import type { Bed, WatcherProcess } from './bed.ts'
import { type ClusterSize, deploymentPath, makeReplicaSet } from './busy-cluster.ts'
import { sizeFigures } from './cluster-figures.ts'
import { type Figure, p50p99, say } from './figures.ts'

const everyMs = 250
const patienceMs = 30_000

export async function diagnosisFigures(
  bed: Bed,
  watcher: WatcherProcess,
  { namespaces }: ClusterSize,
): Promise<readonly Figure[]> {
  const rollouts = Math.min(100, namespaces)
  say(`  ${rollouts} images that cannot be pulled`)
  const diagnosed = new Map<string, PromiseWithResolvers<number>>()
  bed.follow(({ namespace, name, diagnosis }) => {
    if (diagnosis?.causes[0]?.reason === 'ErrImagePull')
      diagnosed.get(`${namespace}/${name}`)?.resolve(performance.now())
  })
  const taken: Promise<number>[] = []
  for (let index = 0; index < rollouts; index++) {
    taken.push(fail(bed, index, diagnosed))
    await delay(everyMs)
  }
  const samples = await Promise.all(taken)
  return [
    { what: 'ErrImagePull → diagnosis published', asked: 'p99 1 s', measured: p50p99(samples) },
    ...(await sizeFigures(watcher, 'meanwhile')),
  ]
}

async function fail(
  { plane: { api } }: Bed,
  index: number,
  diagnosed: Map<string, PromiseWithResolvers<number>>,
): Promise<number> {
  const template = { metadata: { annotations: { broken: 'yes' } } }
  const deployment = await api.patch<Deployment>(deploymentPath(index, 'd1'), { spec: { template } })
  const { namespace, name } = deployment.metadata
  const [pod] = await makeReplicaSet(api, deployment, 'broken', 1, false)
  const waiting = { reason: 'ErrImagePull', message: 'registry.example/d1:1.0.0: not found' }
  const app = { name: 'app', image: 'app', imageID: '', ready: false, restartCount: 0, state: { waiting } }
  const seen = Promise.withResolvers<number>()
  diagnosed.set(`${namespace}/${name}`, seen)
  const from = performance.now()
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/status`
  await api.patch(path, { status: { phase: 'Pending', containerStatuses: [app] } })
  return (await Promise.race([seen.promise, delay(patienceMs, Number.POSITIVE_INFINITY)])) - from
}
