import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { streams } from '@hermod/contracts'
import { provision } from '@hermod/jetstream'
import type { Health } from '@hermod/runtime'
import {
  type ControlPlane,
  createDeployment,
  createNamespace,
  deleteDeployment,
  eventually,
  makeTempFolder,
  setImage,
  startControlPlane,
  startHttpFaultProxy,
  startKubelet,
} from '@hermod/testkit'
import { type ObservationsRig, partitions, runWatcher, startObservationsRig } from './testing/watcher-rig.ts'

const deploymentRights = { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch'] }
const parts = new AsyncDisposableStack()
let plane: ControlPlane
let rig: ObservationsRig

before(async () => {
  plane = parts.use(await startControlPlane())
  const plan = ({ spec }: { spec: { containers: readonly { image: string }[] } }) =>
    spec.containers[0]?.image.endsWith(':bad')
      ? ({ outcome: 'image-pull-fails' } as const)
      : ({ outcome: 'ready' } as const)
  parts.use(await startKubelet(plane, { plan }))
  rig = parts.use(await startObservationsRig())
  for (const namespace of ['shop', 'bank']) {
    await createNamespace(plane.api, namespace, { 'hermod.uswitch.com/slack': 'deploys' })
    await createDeployment(plane.api, { namespace, name: 'web', image: 'web:1' })
  }
})
after(() => parts.disposeAsync())

const last = (namespace: string, name: string) => rig.observationsOf(namespace, name).at(-1)
const env = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  NATS_URL: rig.nats.url,
  KUBECONFIG: plane.kubeconfig,
  CLUSTER_NAME: 'test',
  ...more,
})

async function isTold(namespace: string, name: string, image: string): Promise<void> {
  await eventually(
    () => {
      const seen = last(namespace, name)
      assert.equal(seen?.template.containers[0]?.image, image)
      assert.equal(seen.replicas.available, seen.replicas.wanted)
      assert.equal(seen.replicas.total, seen.replicas.wanted)
      assert.equal(seen.observedGeneration, seen.generation)
    },
    { timeoutMs: 60_000 },
  )
}

async function writeKubeconfig(folder: string, server: string, token: string): Promise<string> {
  const path = join(folder, 'config')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  await writeFile(path, JSON.stringify(config))
  return path
}

test('an API server that is killed and started again under a rollout costs no result', async () => {
  await using watcher = await runWatcher(env())
  await isTold('shop', 'web', 'web:1')
  await setImage(plane.api, { namespace: 'shop', name: 'web' }, 'web:2')
  await plane.apiServer.restart()
  await setImage(plane.api, { namespace: 'bank', name: 'web' }, 'web:3')
  await isTold('shop', 'web', 'web:2')
  await isTold('bank', 'web', 'web:3')
  await eventually(() => assert.ok(watcher.health.readiness().ready))
  assert.deepEqual(watcher.failures, [])
})

test('a NATS that is killed costs no deletion and no result', async () => {
  await using watcher = await runWatcher(env())
  await createDeployment(plane.api, { namespace: 'shop', name: 'brief', image: 'brief:1' })
  await isTold('shop', 'brief', 'brief:1')
  await rig.nats.kill()
  await setImage(plane.api, { namespace: 'shop', name: 'web' }, 'web:4')
  await deleteDeployment(plane.api, { namespace: 'shop', name: 'brief' })
  await eventually(() => assert.equal(watcher.health.readiness().ready, false))
  await rig.nats.restart()
  await isTold('shop', 'web', 'web:4')
  await eventually(() => assert.equal(last('shop', 'brief')?.deleted, true))
  assert.deepEqual(watcher.failures, [])
})

test('another cluster of the same name is refused, with the remedy', async () => {
  await using other = await startControlPlane()
  await assert.rejects(runWatcher(env({ KUBECONFIG: other.kubeconfig })), (error: unknown) => {
    assert.ok(error instanceof Error && 'remedy' in error)
    assert.match(String(error.remedy), /CLUSTER_NAME/)
    return true
  })
})

test('rights in single namespaces do: no more is asked for, and one that refuses us hinders no other', async () => {
  const rules = [deploymentRights]
  const { token } = await plane.createServiceAccount({ name: 'confined', rules, onlyIn: ['bank'] })
  await createNamespace(plane.api, 'vault')
  await createDeployment(plane.api, { namespace: 'vault', name: 'safe', image: 'safe:1' })
  await using proxy = await startHttpFaultProxy({ upstream: plane.url, ca: plane.ca })
  await using folder = await makeTempFolder('kubeconfig')
  const named = {
    KUBECONFIG: await writeKubeconfig(folder.path, proxy.url, token),
    NAMESPACES: 'bank vault',
    ANNOTATED_NAMESPACES: 'false',
    CLUSTER_NAME: 'confined',
  }
  await using watcher = await runWatcher(env(named))
  const own = () => rig.observationsOf('bank', 'web').filter(({ cluster }) => cluster === 'confined')
  await eventually(() => assert.equal(own().at(-1)?.namespaceListed, true))
  assert.equal(own().at(-1)?.namespaceAnnotations, undefined)
  await setImage(plane.api, { namespace: 'bank', name: 'web' }, 'web:6')
  await eventually(() => assert.equal(own().at(-1)?.template.containers[0]?.image, 'web:6'))
  const detail = (): string =>
    watcher.health.readiness().checks.find(({ name }) => name === 'kubernetes')?.detail ?? ''
  await eventually(() => {
    assert.ok(watcher.health.readiness().ready)
    assert.match(detail(), /deployments in vault: 403/)
  })
  const told = (): ReadonlySet<string> =>
    new Set(
      rig
        .markers()
        .flatMap((marker) =>
          marker.kind === 'snapshot-end' && marker.cluster === 'confined' ? marker.namespaces : [],
        ),
    )
  assert.deepEqual([...told()], ['bank'])
  const whole = rig.markers().filter((marker) => marker.kind === 'snapshot-end' && marker.wholeScope)
  assert.ok(
    whole.every(({ cluster }) => cluster !== 'confined'),
    'what is refused may still be there',
  )

  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces'
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'confined' }
  const subjects = [{ kind: 'ServiceAccount', name: 'confined', namespace: 'default' }]
  await plane.api.create(`${rbac}/vault/roles`, { metadata: { name: 'confined' }, rules })
  await plane.api.create(`${rbac}/vault/rolebindings`, { metadata: { name: 'confined' }, roleRef, subjects })
  await eventually(() => assert.ok(told().has('vault')), { timeoutMs: 60_000 })
  assert.doesNotMatch(detail(), /deployments in vault/)
  assert.deepEqual(
    proxy.requests.map(({ path }) => path).filter((path) => !/\/namespaces\/(bank|vault)(\/|$)/.test(path)),
    [],
  )
})

test('where pods may only be listed a failing image is diagnosed all the same', async () => {
  const rules = [
    deploymentRights,
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
  ]
  const { kubeconfig } = await plane.createServiceAccount({ name: 'hermod', rules })
  await using watcher = await runWatcher(env({ KUBECONFIG: kubeconfig, CLUSTER_NAME: 'old' }))
  await setImage(plane.api, { namespace: 'bank', name: 'web' }, 'web:bad')
  await eventually(
    () => {
      const seen = rig
        .observationsOf('bank', 'web')
        .filter(({ cluster }) => cluster === 'old')
        .at(-1)
      assert.match(seen?.diagnosis?.causes[0]?.reason ?? '', /^(ErrImagePull|ImagePullBackOff)$/)
    },
    { timeoutMs: 20_000 },
  )
  assert.deepEqual(watcher.failures, [])
})

test('a cluster that is not there is waited for, and readiness says so', async () => {
  await using folder = await makeTempFolder('kubeconfig')
  const path = await writeKubeconfig(folder.path, 'https://127.0.0.1:1', 'none')
  const stop = new AbortController()
  const saysSo = (health: Health): void => {
    void eventually(() => {
      const kubernetes = health.readiness().checks.find(({ name }) => name === 'kubernetes')
      assert.equal(kubernetes?.ok, false)
      assert.match(kubernetes?.detail ?? '', /ECONNREFUSED/)
      said = true
    }).finally(() => stop.abort())
  }
  let said = false
  await assert.rejects(runWatcher(env({ KUBECONFIG: path }), { stop, onHealth: saysSo }))
  assert.ok(said)
})

test('a stream that was lost and made anew is told everything again', async () => {
  const ends = (): number => rig.markers().filter(({ kind }) => kind === 'snapshot-end').length
  const endsBefore = ends()
  await using watcher = await runWatcher(env())
  await eventually(() => assert.equal(ends(), endsBefore + partitions))
  // Whatever it publishes next may be what shows it the loss.
  const before = rig.published.length
  await rig.connection.manager.streams.delete(streams.observations.name)
  await provision(rig.connection, { partitions, replicas: 1 })
  await setImage(plane.api, { namespace: 'shop', name: 'web' }, 'web:5')
  await eventually(() => {
    const told = rig.published.slice(before).map(({ data }) => data)
    assert.equal(told.filter(({ kind }) => kind === 'snapshot-end').length, partitions)
    assert.ok(told.some((data) => data.kind === 'observation' && data.namespace === 'bank'))
  })
  assert.deepEqual(watcher.failures, [])
})
