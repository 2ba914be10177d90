import assert from 'node:assert/strict'
import { type DeploymentKey, type DeploymentShape, eventually, getDeployment, type KubeApi, type KubeObject, setImage, waitForRollout } from '@hermod/testkit'

export const good = 'registry.test/web:1'
export const newer = 'registry.test/web:2'
export const newest = 'registry.test/web:3'
export const late = 'registry.test/web:late'
export const bad = 'registry.test/web:bad'
export const recreate = { strategy: { type: 'Recreate' } }
// Only while it is to fail: the machine that this runs on may be slow.
export const impatient = { progressDeadlineSeconds: 3 }
export const patient = { progressDeadlineSeconds: 600 }

/** What somebody does to a Deployment on a real control plane, and what is to be made of it. */
export interface Play {
  readonly shape?: Partial<DeploymentShape>
  /** What somebody does once it is complete. */
  readonly act: (api: KubeApi, key: DeploymentKey) => Promise<unknown>
  /** `shop` if not given. */
  readonly namespace?: string
  /** Looked at once more so much later, as the watcher does. */
  readonly againAfterMs?: number
  /** What is said depends on how quick the machine is: it is played once, for the record. */
  readonly timed?: true
  /** Transitions after it was complete, but for progress. */
  readonly says: string
}

export async function failed(api: KubeApi, key: DeploymentKey): Promise<void> {
  await eventually(
    async () => {
      const { status } = await getDeployment(api, key)
      assert.ok(status.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded'))
    },
    { timeoutMs: 60_000 },
  )
}

/** All pods are there and none of them comes up. */
export async function hangs(api: KubeApi, key: DeploymentKey): Promise<void> {
  await eventually(
    async () => {
      const { status } = await getDeployment(api, key)
      assert.deepEqual([status.updatedReplicas, status.availableReplicas ?? 0], [2, 0])
    },
    { timeoutMs: 30_000 },
  )
}

export async function update(api: KubeApi, key: DeploymentKey, image: string, changes: object = {}): Promise<void> {
  await setImage(api, key, image, { ...changes })
  await waitForRollout(api, key, { timeoutMs: 60_000 })
}

/** Resolves when the quota counts; lifts it when called. */
export async function allowPods(api: KubeApi, namespace: string, pods: number): Promise<() => Promise<void>> {
  const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`
  await api.create(quotas, { metadata: { name: 'few' }, spec: { hard: { pods: String(pods) } } })
  await eventually(async () => {
    type Quota = KubeObject & { readonly status?: { readonly used?: unknown } }
    const { status } = await api.get<Quota>(`${quotas}/few`)
    assert.deepEqual(status?.used, { pods: '2' })
  })
  return async () => void (await api.delete(`${quotas}/few`))
}

/** No pod can be created. */
export async function refused(api: KubeApi, key: DeploymentKey): Promise<void> {
  await eventually(
    async () => {
      const { status } = await getDeployment(api, key)
      assert.ok(status.conditions?.some(({ type }) => type === 'ReplicaFailure'))
    },
    { timeoutMs: 60_000 },
  )
}
