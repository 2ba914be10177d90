/** What a test does to Deployments, in the words of kubectl. */
import { setTimeout as delay } from 'node:timers/promises'
import { parse } from 'yaml'
import type { KubeApi } from './kubernetes/kube-api.ts'
import type { Deployment, KubeList, ReplicaSet } from './kubernetes/objects.ts'

export interface DeploymentKey {
  readonly namespace: string
  readonly name: string
}

export interface DeploymentShape extends DeploymentKey {
  /** Of its one container `app`. */
  readonly image: string
  /** 2 by default. */
  readonly replicas?: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Merged over the spec that the above make; whole lists are replaced. */
  readonly spec?: Readonly<Record<string, unknown>>
}

export async function createNamespace(
  api: KubeApi,
  name: string,
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> {
  await api.create('/api/v1/namespaces', { metadata: { name, annotations } })
}

/** Without progressDeadlineSeconds Kubernetes gives it 600 s. */
export async function createDeployment(api: KubeApi, shape: DeploymentShape): Promise<Deployment> {
  const { namespace, name, image, replicas = 2, annotations = {}, env = {}, spec = {} } = shape
  const labels = { app: name }
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }))
  return await api.create<Deployment>(collection(namespace), {
    metadata: { name, annotations },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image, env: variables }] } },
      ...spec,
    },
  })
}

/** Creates what a YAML text says; several documents are not read. */
export async function createFromYaml(api: KubeApi, namespace: string, yaml: string): Promise<Deployment> {
  return await api.create<Deployment>(collection(namespace), parse(yaml))
}

export async function getDeployment(api: KubeApi, key: DeploymentKey): Promise<Deployment> {
  return await api.get<Deployment>(pathOf(key))
}

/** A strategic merge patch, as `kubectl patch` sends: lists of containers and variables merge by name. */
export async function patchDeployment(api: KubeApi, key: DeploymentKey, patch: object): Promise<Deployment> {
  return await api.patch<Deployment>(pathOf(key), patch, 'strategic')
}

/** `changes` go into the same patch: `{ replicas: 3 }`. */
export async function setImage(
  api: KubeApi,
  key: DeploymentKey,
  image: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Deployment> {
  const template = { spec: { containers: [{ name: 'app', image }] } }
  return await patchDeployment(api, key, { spec: { template, ...changes } })
}

export async function setEnv(
  api: KubeApi,
  key: DeploymentKey,
  env: Readonly<Record<string, string>>,
): Promise<Deployment> {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }))
  return await patchDeployment(api, key, {
    spec: { template: { spec: { containers: [{ name: 'app', env: variables }] } } },
  })
}

export async function scale(api: KubeApi, key: DeploymentKey, replicas: number): Promise<Deployment> {
  return await patchDeployment(api, key, { spec: { replicas } })
}

export async function pauseRollout(api: KubeApi, key: DeploymentKey): Promise<Deployment> {
  return await patchDeployment(api, key, { spec: { paused: true } })
}

export async function resumeRollout(api: KubeApi, key: DeploymentKey): Promise<Deployment> {
  return await patchDeployment(api, key, { spec: { paused: null } })
}

/** kubectl rollout restart. */
export async function restartRollout(api: KubeApi, key: DeploymentKey): Promise<Deployment> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  return await patchDeployment(api, key, { spec: { template: { metadata: { annotations } } } })
}

/** Sets annotations; `null` removes one. */
export async function annotate(
  api: KubeApi,
  key: DeploymentKey,
  annotations: Readonly<Record<string, string | null>>,
): Promise<Deployment> {
  return await patchDeployment(api, key, { metadata: { annotations } })
}

export async function deleteDeployment(
  api: KubeApi,
  key: DeploymentKey,
  propagationPolicy: 'Background' | 'Foreground' | 'Orphan' = 'Background',
): Promise<void> {
  await api.delete(pathOf(key), { propagationPolicy })
}

const revisionKey = 'deployment.kubernetes.io/revision'

// What an undo leaves as it is: kubernetes v1.36.3 staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollback.go.
const keptByUndo = [
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionKey,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]

/** kubectl rollout undo, by default to the revision before the newest. */
export async function undoRollout(
  api: KubeApi,
  key: DeploymentKey,
  toRevision?: number,
): Promise<Deployment> {
  const [deployment, sets] = await Promise.all([getDeployment(api, key), listReplicaSets(api, key)])
  const byAge = sets.toSorted((a, b) => revisionOf(b) - revisionOf(a))
  const target = toRevision === undefined ? byAge[1] : byAge.find((set) => revisionOf(set) === toRevision)
  if (!target) throw new Error(`${key.namespace}/${key.name} has no revision to go back to`)

  const { 'pod-template-hash': _hash, ...labels } = target.spec.template.metadata?.labels ?? {}
  const template = { ...target.spec.template, metadata: { ...target.spec.template.metadata, labels } }
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) =>
    keptByUndo.includes(name),
  )
  const its = Object.entries(target.metadata.annotations ?? {}).filter(([name]) => !keptByUndo.includes(name))
  const patch = [
    { op: 'replace', path: '/spec/template', value: template },
    { op: 'replace', path: '/metadata/annotations', value: Object.fromEntries([...own, ...its]) },
  ]
  return await api.patch<Deployment>(pathOf(key), patch, 'json')
}

/** Those that it owns, in no order. */
export async function listReplicaSets(api: KubeApi, key: DeploymentKey): Promise<readonly ReplicaSet[]> {
  const path = `/apis/apps/v1/namespaces/${key.namespace}/replicasets`
  const { items }: KubeList<ReplicaSet> = await api.list<ReplicaSet>(path)
  return items.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ kind, name }) => kind === 'Deployment' && name === key.name),
  )
}

/** Waits until it is complete as `kubectl rollout status` sees it, over any outage of the API server; 30 s by default. */
export async function waitForRollout(
  api: KubeApi,
  key: DeploymentKey,
  { timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {},
): Promise<Deployment> {
  const query = { fieldSelector: `metadata.name=${key.name}` }
  const signal = AbortSignal.timeout(timeoutMs)
  let last = 'never seen'
  while (!signal.aborted) {
    try {
      for await (const { object } of api.watch<Deployment>(collection(key.namespace), query, signal)) {
        if (isComplete(object)) return object
        last = JSON.stringify(object.status)
      }
    } catch {
      await delay(50)
    }
  }
  throw new Error(`${key.namespace}/${key.name} was not complete after ${timeoutMs / 1000} s: ${last}`)
}

/** kubernetes v1.36.3 staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go. */
export function isComplete({ metadata, spec, status }: Deployment): boolean {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = status
  return (
    observedGeneration >= (metadata.generation ?? 0) &&
    updatedReplicas === spec.replicas &&
    replicas === updatedReplicas &&
    availableReplicas === updatedReplicas
  )
}

function revisionOf({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.[revisionKey] ?? 0)
}

function collection(namespace: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments`
}

function pathOf({ namespace, name }: DeploymentKey): string {
  return `${collection(namespace)}/${name}`
}
