import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  annotate,
  type ControlPlane,
  createDeployment,
  createNamespace,
  type DeploymentKey,
  type DeploymentRecord,
  type DeploymentShape,
  deleteDeployment,
  eventually,
  getDeployment,
  type KubeApi,
  type KubeletPlan,
  type KubeObject,
  type Pod,
  patchDeployment,
  pauseRollout,
  recordDeployments,
  restartRollout,
  resumeRollout,
  scale,
  setEnv,
  setImage,
  startControlPlane,
  startKubelet,
  undoRollout,
  waitForRollout,
} from '@hermod/testkit'
import { observationOf } from './testdata/recorded.ts'
import { play } from './testdata/trace.ts'

const good = 'registry.test/web:1'
const newer = 'registry.test/web:2'
const newest = 'registry.test/web:3'
const bad = 'registry.test/web:bad'
const recreate = { strategy: { type: 'Recreate' } }
// Only while it is to fail: the machine that this runs on may be slow.
const impatient = { progressDeadlineSeconds: 3 }
const patient = { progressDeadlineSeconds: 600 }

interface Play {
  readonly shape?: Partial<DeploymentShape>
  /** What somebody does once it is complete. */
  readonly act: (api: KubeApi, key: DeploymentKey) => Promise<unknown>
  /** `shop` if not given. */
  readonly namespace?: string
  /** Looked at once more so much later, as the watcher does. */
  readonly againAfterMs?: number
  /** Transitions after it was complete, but for progress. */
  readonly says: string
}

async function failed(api: KubeApi, key: DeploymentKey): Promise<void> {
  await eventually(
    async () => {
      const { status } = await getDeployment(api, key)
      assert.ok(status.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded'))
    },
    { timeoutMs: 60_000 },
  )
}

/** All pods are there and none of them comes up. */
async function hangs(api: KubeApi, key: DeploymentKey): Promise<void> {
  await eventually(
    async () => {
      const { status } = await getDeployment(api, key)
      assert.deepEqual([status.updatedReplicas, status.availableReplicas ?? 0], [2, 0])
    },
    { timeoutMs: 30_000 },
  )
}

async function update(api: KubeApi, key: DeploymentKey, image: string): Promise<void> {
  await setImage(api, key, image)
  await waitForRollout(api, key, { timeoutMs: 60_000 })
}

const plays: Readonly<Record<string, Play>> = {
  'an image update': { act: (api, key) => update(api, key, newer), says: 'started succeeded' },
  'an env value': { act: (api, key) => setEnv(api, key, { A: 'b' }), says: 'started succeeded' },
  'a restart': { act: (api, key) => restartRollout(api, key), says: 'started succeeded' },
  'an annotation': { act: (api, key) => annotate(api, key, { note: 'x' }), says: '' },
  'another deadline': {
    act: (api, key) => patchDeployment(api, key, { spec: { progressDeadlineSeconds: 99 } }),
    says: '',
  },
  'scaling up and down': {
    act: async (api, key) => {
      await scale(api, key, 4)
      await waitForRollout(api, key, { timeoutMs: 60_000 })
      await scale(api, key, 1)
    },
    says: '',
  },
  'scaling to zero': { act: (api, key) => scale(api, key, 0), says: '' },
  'image and replicas at once': {
    act: (api, key) => setImage(api, key, newer, { replicas: 3 }),
    says: 'started succeeded',
  },
  'an update with Recreate': {
    shape: { spec: recreate },
    act: (api, key) => update(api, key, newer),
    says: 'started succeeded',
  },
  'an undo': {
    act: async (api, key) => {
      await update(api, key, newer)
      await undoRollout(api, key)
    },
    says: 'started succeeded started succeeded',
  },
  'an undo with Recreate': {
    shape: { spec: recreate },
    act: async (api, key) => {
      await update(api, key, newer)
      await undoRollout(api, key)
    },
    says: 'started succeeded started succeeded',
  },
  'an update at zero replicas': {
    shape: { replicas: 0 },
    act: (api, key) => setImage(api, key, newer),
    says: 'started succeeded',
  },
  'pause, image and resume': {
    act: async (api, key) => {
      await pauseRollout(api, key)
      await setImage(api, key, newer)
      await resumeRollout(api, key)
    },
    says: 'started paused resumed succeeded',
  },
  minReadySeconds: {
    shape: { spec: { minReadySeconds: 1 } },
    act: (api, key) => update(api, key, newer),
    says: 'started succeeded',
  },
  'an update overtaken by another': {
    act: async (api, key) => {
      await setImage(api, key, bad)
      await setImage(api, key, newest)
    },
    says: 'started superseded started succeeded',
  },
  'a failure and its undo': {
    act: async (api, key) => {
      await setImage(api, key, bad, impatient)
      await failed(api, key)
      await patchDeployment(api, key, { spec: patient })
      await undoRollout(api, key)
    },
    says: 'started failed started succeeded',
  },
  'a failure and its fix': {
    act: async (api, key) => {
      await setImage(api, key, bad, impatient)
      await failed(api, key)
      await setImage(api, key, newest, patient)
    },
    says: 'started failed started succeeded',
  },
  'an undo with Recreate onto pods that never come': {
    shape: { spec: recreate },
    act: async (api, key) => {
      await setImage(api, key, bad)
      await hangs(api, key)
      await update(api, key, newer)
      await undoRollout(api, key, 2)
      await hangs(api, key)
    },
    againAfterMs: 600_000,
    says: 'started superseded started succeeded started failed',
  },
  'an update that a quota blocks': {
    namespace: 'full',
    act: async (api, key) => {
      const quotas = `/api/v1/namespaces/${key.namespace}/resourcequotas`
      await api.create(quotas, { metadata: { name: 'few' }, spec: { hard: { pods: '2' } } })
      await eventually(async () => {
        const quota = await api.get<KubeObject & { readonly status?: { readonly used?: unknown } }>(
          `${quotas}/few`,
        )
        assert.deepEqual(quota.status?.used, { pods: '2' })
      })
      await setImage(api, key, newer)
      await eventually(async () => {
        const { status } = await getDeployment(api, key)
        assert.ok(status.conditions?.some(({ type }) => type === 'ReplicaFailure'))
      })
    },
    says: 'started stalled',
  },
  'deletion in the foreground': {
    act: (api, key) => deleteDeployment(api, key, 'Foreground'),
    says: 'deleted',
  },
  'deletion and another of the same name': {
    act: async (api, key) => {
      await deleteDeployment(api, key)
      await createDeployment(api, { ...key, image: good })
      await waitForRollout(api, key, { timeoutMs: 60_000 })
    },
    says: 'deleted started succeeded',
  },
}

function plan({ spec }: Pod): KubeletPlan {
  return spec.containers[0]?.image === bad ? { outcome: 'never-ready' } : { outcome: 'ready' }
}

/** Lets it happen on a Deployment of its own and gives its name. */
async function perform(
  { api }: ControlPlane,
  index: number,
  { shape, act, namespace = 'shop' }: Play,
): Promise<string> {
  const key = { namespace, name: `web-${index}` }
  await createDeployment(api, { ...key, image: good, ...shape })
  await waitForRollout(api, key, { timeoutMs: 60_000 })
  await act(api, key)
  return key.name
}

/** Silence proves something only after the last event. */
async function heardToTheEnd(api: KubeApi, key: DeploymentKey, { events }: DeploymentRecord): Promise<void> {
  const { metadata } = await waitForRollout(api, key, { timeoutMs: 60_000 })
  await eventually(() => {
    const versions = events.map(({ deployment }) => deployment.metadata.resourceVersion)
    assert.ok(versions.includes(metadata.resourceVersion))
  })
}

test('what the real controller does is told in the right words', async (t) => {
  await using plane = await startControlPlane()
  await using _kubelet = await startKubelet(plane, { plan })
  await using record = await recordDeployments(plane)
  await createNamespace(plane.api, 'shop')
  await createNamespace(plane.api, 'full')
  const names = new Map(
    await Promise.all(
      Object.entries(plays).map(
        async ([what, one], index) => [what, await perform(plane, index, one)] as const,
      ),
    ),
  )
  for (const [what, { says, againAfterMs }] of Object.entries(plays)) {
    await t.test(what, async () => {
      if (says === '')
        await heardToTheEnd(plane.api, { namespace: 'shop', name: names.get(what) ?? '' }, record)
      await eventually(
        () => {
          const events = record.events.filter(
            ({ deployment }) => deployment.metadata.name === names.get(what),
          )
          const last = events.at(-1)
          const again =
            last && againAfterMs !== undefined ? [{ ...last, atMs: last.atMs + againAfterMs }] : []
          const { said } = play([...events, ...again].map(observationOf))
          const words = said.replaceAll(/ progressed\b/g, '').replace(/^started succeeded ?/, '')
          assert.equal(words, says)
        },
        { timeoutMs: 30_000 },
      )
    })
  }
})
