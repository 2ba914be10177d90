// A cluster of so many Deployments in which nothing happens: what they are is written, not played.
import { setTimeout as delay } from 'node:timers/promises'
import { type Deployment, type KubeApi, startControlPlane } from '@hermod/testkit'
import { imageOf } from '../pipeline/played-deployments.ts'
import { inParallel } from './in-parallel.ts'

export interface IdleCluster extends AsyncDisposable {
  readonly kubeconfig: string
  /** Each with a hundred Deployments. */
  readonly namespaces: readonly string[]
  shrinkTo(deployments: number): Promise<void>
}

const eachNamespace = 100
const writesAtOnce = 32
/** A Deployment that is younger may be a rollout that nobody has seen the start of: it is no rest yet. */
const youngMs = 60_000

/** It begins at its largest: what was just made is still looked at, what was deleted is not. */
export async function startIdleCluster(deployments: number): Promise<IdleCluster> {
  await using stack = new AsyncDisposableStack()
  const controlPlane = stack.use(await startControlPlane())
  await controlPlane.controllerManager.kill()
  const { api } = controlPlane
  let standing = Array.from({ length: deployments }, (_, number) => ({
    namespace: `team-${Math.floor(number / eachNamespace)}`,
    name: `app-${number}`,
  }))
  const namespaces = (): readonly string[] => [...new Set(standing.map(({ namespace }) => namespace))]
  for (const name of namespaces()) {
    const annotations = { 'hermod.uswitch.com/slack': name }
    await api.create('/api/v1/namespaces', { metadata: { name, annotations } })
  }
  await inParallel(standing, writesAtOnce, ({ namespace, name }) => makeDeployment(api, namespace, name))
  await delay(youngMs)
  const started = stack.move()
  return {
    kubeconfig: controlPlane.kubeconfig,
    get namespaces() {
      return namespaces()
    },
    async shrinkTo(left) {
      const gone = standing.slice(left)
      standing = standing.slice(0, left)
      await inParallel(gone, writesAtOnce, ({ namespace, name }) =>
        api.delete(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`),
      )
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

const replicas = 2

async function makeDeployment(api: KubeApi, namespace: string, name: string): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`
  const labels = { app: name, team: namespace }
  const env = Array.from({ length: 20 }, (_, index) => ({
    name: `SETTING_${index}`,
    value: `${name}-${index}`,
  }))
  const resources = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } }
  const readinessProbe = { httpGet: { path: '/ready', port: 8080 } }
  const containers = [{ name: 'app', image: imageOf(name, '1.0.0'), env, resources, readinessProbe }]
  const { metadata } = await api.create<Deployment>(path, {
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels }, spec: { containers } },
    },
  })
  const counts = Object.fromEntries(
    ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'].map((each) => [each, replicas]),
  )
  const since = new Date().toISOString()
  const condition = (type: string, reason: string, message: string): object => {
    return { type, status: 'True', reason, message, lastTransitionTime: since, lastUpdateTime: since }
  }
  await api.patch(`${path}/${name}/status`, {
    status: {
      observedGeneration: metadata.generation,
      ...counts,
      conditions: [
        condition('Available', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'),
        condition(
          'Progressing',
          'NewReplicaSetAvailable',
          `ReplicaSet "${name}-7d4b9c" has successfully progressed.`,
        ),
      ],
    },
  })
}
