// Deployments as they stand in a busy cluster: rolled out, each with its ReplicaSet and its pods.
import { createNamespace, type Deployment, type KubeApi } from '@hermod/testkit'
import { inParallel } from './figures.ts'

export interface ClusterSize {
  readonly namespaces: number
  readonly deploymentsEach: number
  readonly podsEach: number
}

const hash = 'pod-template-hash'

export function namespaceName(index: number): string {
  return `n${index}`
}

export function deploymentPath(namespace: number, name: string): string {
  return `/apis/apps/v1/namespaces/${namespaceName(namespace)}/deployments/${name}`
}

export async function makeCluster(
  api: KubeApi,
  { namespaces, deploymentsEach, podsEach }: ClusterSize,
): Promise<void> {
  const indices = Array.from({ length: namespaces }, (_, index) => index)
  await inParallel(indices, 16, async (index) => {
    await createNamespace(api, namespaceName(index), { 'hermod.uswitch.com/slack': 'bench' })
    for (let each = 0; each < deploymentsEach; each++) await makeDeployment(api, index, `d${each}`, podsEach)
  })
}

async function makeDeployment(api: KubeApi, namespace: number, name: string, pods: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespaceName(namespace)}/deployments`
  const labels = { app: name, team: `team-${namespace}` }
  const env = Array.from({ length: 20 }, (_, index) => ({
    name: `SETTING_${index}`,
    value: `${namespace}-${index}`,
  }))
  const resources = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } }
  const readinessProbe = { httpGet: { path: '/ready', port: 8080 } }
  const image = `registry.example/${name}:1.0.0`
  const containers = [{ name: 'app', image, env, resources, readinessProbe }]
  const template = { metadata: { labels }, spec: { containers } }
  const deployment = await api.create<Deployment>(path, {
    metadata: { name },
    spec: { replicas: pods, selector: { matchLabels: labels }, template },
  })
  await makeReplicaSet(api, deployment, 'first', pods, true)
  await complete(api, namespace, deployment, pods)
}

/** The ReplicaSet of the Deployment's template, and its pods. */
export async function makeReplicaSet(
  api: KubeApi,
  { metadata, spec }: Deployment,
  suffix: string,
  pods: number,
  ready: boolean,
): Promise<readonly string[]> {
  const { namespace, name, uid } = metadata
  const labels = { ...spec.template.metadata?.labels, [hash]: suffix }
  const owner = (kind: string, of: { name: string; uid: string }): object => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name: of.name, uid: of.uid, controller: true }],
  })
  const template = { ...spec.template, metadata: { ...spec.template.metadata, labels } }
  const replicaSet = await api.create(`/apis/apps/v1/namespaces/${namespace}/replicasets`, {
    metadata: { name: `${name}-${suffix}`, labels, ...owner('Deployment', { name, uid }) },
    spec: { replicas: pods, selector: { matchLabels: labels }, template },
  })
  const names = Array.from({ length: pods }, (_, index) => `${name}-${suffix}-${index}`)
  for (const pod of names) {
    const path = `/api/v1/namespaces/${namespace}/pods`
    await api.create(path, {
      metadata: { name: pod, labels, ...owner('ReplicaSet', replicaSet.metadata) },
      spec: spec.template.spec,
    })
    if (ready) await api.patch(`${path}/${pod}/status`, { status: readyStatus() })
  }
  return names
}

/** The controllers' word that a rollout is done. */
export async function complete(
  api: KubeApi,
  namespace: number,
  { metadata }: Deployment,
  replicas: number,
): Promise<void> {
  const status = {
    observedGeneration: metadata.generation,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
  }
  await api.patch(`${deploymentPath(namespace, metadata.name)}/status`, { status })
}

function readyStatus(): object {
  const since = new Date().toISOString()
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => {
    return { type, status: 'True', lastTransitionTime: since }
  })
  const app = { name: 'app', image: 'app', imageID: '', ready: true, restartCount: 0, started: true }
  return {
    phase: 'Running',
    conditions,
    containerStatuses: [{ ...app, state: { running: { startedAt: since } } }],
  }
}
