// A cluster of so many Deployments in which nothing happens: what they are is written, not played.
import { type Deployment, type KubeApi, startControlPlane } from '@hermod/testkit'
import { imageOf } from '../played-deployments.ts'
import { inParallel } from './in-parallel.ts'

export interface IdleCluster extends AsyncDisposable {
  readonly kubeconfig: string
  readonly namespaces: readonly string[]
  growTo(deployments: number): Promise<void>
}

const eachNamespace = 100
const writesAtOnce = 32

export async function startIdleCluster(): Promise<IdleCluster> {
  await using stack = new AsyncDisposableStack()
  const controlPlane = stack.use(await startControlPlane())
  await controlPlane.controllerManager.kill()
  const { api } = controlPlane
  const namespaces: string[] = []
  let made = 0
  const started = stack.move()
  return {
    kubeconfig: controlPlane.kubeconfig,
    namespaces,
    async growTo(deployments) {
      const numbers = Array.from({ length: deployments - made }, (_, index) => made + index)
      for (const number of numbers.filter((each) => each % eachNamespace === 0)) {
        const name = `team-${number / eachNamespace}`
        const annotations = { 'hermod.uswitch.com/slack': name }
        await api.create('/api/v1/namespaces', { metadata: { name, annotations } })
        namespaces.push(name)
      }
      await inParallel(numbers, writesAtOnce, (number) =>
        makeDeployment(api, namespaces[Math.floor(number / eachNamespace)] ?? '', `app-${number}`),
      )
      made = deployments
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
