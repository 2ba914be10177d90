// The API server is killed and started again under load, as often as the first argument says (twice by default):
//   node services/watcher/src/watcher-soak.integration.test.ts 20
// What it is held against is the API server's own history: every change of every Deployment, read from etcd.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeploymentObservation } from '@hermod/contracts'
import { sleep } from '@hermod/runtime'
import {
  type ControlPlane,
  createDeployment,
  createNamespace,
  type Deployment,
  type DeploymentKey,
  deleteDeployment,
  eventually,
  scale,
  setImage,
  startControlPlane,
  startKubelet,
  type WatchEvent,
} from '@hermod/testkit'
import { historySince, keepHistory } from './testing/deployment-history.ts'
import { type ObservationsRig, runWatcher, startObservationsRig } from './testing/watcher-rig.ts'

const restarts = Number(process.argv[2] ?? 2)
const path = '/apis/apps/v1/deployments'
const keys: readonly DeploymentKey[] = ['shop', 'bank'].flatMap((namespace) =>
  ['web', 'api', 'jobs', 'constructor'].map((name) => ({ namespace, name })),
)

test(`an API server that is killed ${restarts} times under load: nothing is missed and nothing invented`, async () => {
  await using plane = await startControlPlane({ apiServerFlags: keepHistory })
  await using _kubelet = await startKubelet(plane, { plan: () => ({ outcome: 'ready' }) })
  await using rig = await startObservationsRig()
  const { resourceVersion } = (await plane.api.list(path)).metadata
  for (const namespace of ['shop', 'bank']) {
    await createNamespace(plane.api, namespace, { 'hermod.uswitch.com/slack': 'deploys' })
  }
  for (const key of keys) await createDeployment(plane.api, { ...key, image: 'app:0' })
  const rejections: unknown[] = []
  const onRejection = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', onRejection)
  const env = { NATS_URL: rig.nats.url, KUBECONFIG: plane.kubeconfig, CLUSTER_NAME: 'test' }
  await using watcher = await runWatcher(env)

  await underLoad(plane, async (load) => {
    for (let restart = 0; restart < restarts; restart++) {
      const known = rig.published.length
      // It is killed in the middle of things.
      await eventually(() => assert.ok(rig.published.length > known + 10), { timeoutMs: 60_000 })
      await plane.apiServer.kill()
      // On a busy machine a server that is asked from all sides while it starts takes minutes.
      load.pause()
      await plane.apiServer.restart()
      load.resume()
    }
  })

  await nothingIsMissed(plane, rig)
  const observations = observationsByUid(rig)
  nothingIsInvented(await historySince(plane, resourceVersion, 'shop'), observations)
  assert.deepEqual(watcher.failures, [])
  process.off('unhandledRejection', onRejection)
  assert.deepEqual(rejections, [])
})

interface Load {
  pause(): void
  resume(): void
}

async function underLoad(plane: ControlPlane, during: (load: Load) => Promise<void>): Promise<void> {
  const over = new AbortController()
  let paused = false
  const load = { pause: () => void (paused = true), resume: () => void (paused = false) }
  const working = keys.map(async (key, index) => {
    for (let turn = 1; !over.signal.aborted; turn++) {
      if (!paused) await churn(plane, key, turn, index)
      await sleep(400, over.signal)
    }
  })
  try {
    await during(load)
  } finally {
    over.abort()
    await Promise.all(working)
  }
}

/** Rolls out, scales, deletes and makes anew; what the server does not hear for being down is not made up for. */
async function churn(plane: ControlPlane, key: DeploymentKey, turn: number, index: number): Promise<void> {
  const act = [
    () => setImage(plane.api, key, `app:${turn}`),
    () => scale(plane.api, key, 1 + (turn % 3)),
    () => setImage(plane.api, key, `app:${turn}`, { replicas: 2 }),
    () => deleteDeployment(plane.api, key),
  ][(turn + index) % 4]
  await act?.().catch(() => undefined)
  await createDeployment(plane.api, { ...key, image: `app:${turn}` }).catch(() => undefined)
}

async function nothingIsMissed(plane: ControlPlane, rig: ObservationsRig): Promise<void> {
  await eventually(
    async () => {
      const { items } = await plane.api.list<Deployment>(path)
      for (const standing of items) {
        const last = observationsByUid(rig).get(standing.metadata.uid)?.at(-1)
        assert.deepEqual(last && stateOf(last), stateIn(standing), standing.metadata.name)
        assert.equal(last?.deleted, false)
        assert.equal(last.observedGeneration, last.generation, 'the controllers are done')
        assert.equal(last.replicas.available, last.replicas.wanted, 'the controllers are done')
      }
      const standing = new Set(items.map(({ metadata }) => metadata.uid))
      for (const [uid, observations] of observationsByUid(rig)) {
        const farewells = observations.filter(({ deleted }) => deleted).length
        assert.equal(farewells, standing.has(uid) ? 0 : 1, `${uid} is said to be deleted`)
      }
    },
    { timeoutMs: 120_000, everyMs: 250 },
  )
}

/** Each observation is a state that the Deployment had, and of one Deployment they come in the order of its states. */
function nothingIsInvented(
  states: ReadonlyMap<string, readonly WatchEvent<Deployment>[]>,
  told: ReadonlyMap<string, readonly DeploymentObservation[]>,
): void {
  for (const [uid, observations] of told) {
    const had = states.get(uid)?.map(({ object }) => stateIn(object)) ?? []
    let from = 0
    for (const observation of observations) {
      const state = stateOf(observation)
      const at = had.findIndex(({ resourceVersion }, index) => {
        return index >= from && resourceVersion === state.resourceVersion
      })
      assert.notEqual(at, -1, `${uid} was never as ${JSON.stringify(state)} after ${from} others`)
      assert.deepEqual(state, had[at])
      from = at
    }
    const wasDeleted = states.get(uid)?.some(({ type }) => type === 'DELETED') ?? false
    assert.equal(
      observations.some(({ deleted }) => deleted),
      wasDeleted,
    )
  }
}

interface State {
  readonly resourceVersion: string
  readonly generation: number
  readonly image: string | undefined
  readonly wanted: number
  readonly available: number
}

function stateIn({ metadata, spec, status }: Deployment): State {
  return {
    resourceVersion: metadata.resourceVersion,
    generation: metadata.generation ?? 0,
    image: spec.template.spec.containers[0]?.image,
    wanted: spec.replicas ?? 1,
    available: status?.availableReplicas ?? 0,
  }
}

function stateOf({ resourceVersion, generation, template, replicas }: DeploymentObservation): State {
  const { wanted, available } = replicas
  return { resourceVersion, generation, image: template.containers[0]?.image, wanted, available }
}

function observationsByUid(rig: ObservationsRig): Map<string, DeploymentObservation[]> {
  const all = rig.published.flatMap(({ data }) => (data.kind === 'observation' ? [data] : []))
  return Map.groupBy(all, ({ uid }) => uid)
}
