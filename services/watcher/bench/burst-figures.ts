// A thousand rollouts that open at once.
import { type Deployment, eventually } from '@hermod/testkit'
import type { Bed, WatcherProcess } from './bed.ts'
import { type ClusterSize, complete, deploymentPath } from './busy-cluster.ts'
import { sizeFigures } from './cluster-figures.ts'
import { type Figure, inParallel, say } from './figures.ts'

export async function burstFigures(
  bed: Bed,
  watcher: WatcherProcess,
  { namespaces, podsEach }: ClusterSize,
): Promise<readonly Figure[]> {
  const { api } = bed.plane
  const rollouts = Array.from({ length: namespaces * 2 }, (_, index) => ({
    namespace: index % namespaces,
    name: index < namespaces ? 'd2' : 'd3',
  }))
  say(`  ${rollouts.length} rollouts at once`)
  const finals = new Set<string>()
  bed.follow(({ namespace, name, generation, observedGeneration, template, deleted }) => {
    const isFinal = !deleted && generation > 1 && observedGeneration === generation
    if (isFinal && template.containers[0]?.image.endsWith(':2.0.0')) finals.add(`${namespace}/${name}`)
  })
  const from = performance.now()
  await inParallel(rollouts, 32, async ({ namespace, name }) => {
    const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'app:2.0.0' }]
    const deployment = await api.patch<Deployment>(deploymentPath(namespace, name), patch, 'json')
    await complete(api, namespace, deployment, podsEach)
  })
  const done = performance.now()
  await eventually(
    () => {
      if (finals.size < rollouts.length) throw new Error(`${finals.size} of ${rollouts.length}`)
    },
    { timeoutMs: 60_000 },
  ).catch(() => undefined)
  const late = performance.now() - done
  return [
    {
      what: `${rollouts.length} rollouts at once, in ${((done - from) / 1_000).toFixed(0)} s`,
      asked: 'every final one published',
      measured: `${finals.size} published, the last ${late.toFixed(0)} ms after the last change`,
    },
    {
      what: 'requests to the API server, since the start',
      asked: '50 in a second',
      measured: `${await bed.requestsInASecond(watcher.startedAtEpoch)} in the busiest second`,
    },
    ...(await sizeFigures(watcher, 'meanwhile')),
  ]
}
