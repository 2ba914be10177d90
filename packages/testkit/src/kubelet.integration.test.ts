import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { after, before, test } from 'node:test'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import {
  annotate,
  createDeployment,
  createFromYaml,
  createNamespace,
  deleteDeployment,
  getDeployment,
  listReplicaSets,
  pauseRollout,
  restartRollout,
  resumeRollout,
  scale,
  setEnv,
  setImage,
  undoRollout,
  waitForRollout,
} from './deployments.ts'
import { eventually } from './eventually.ts'
import type { KubeletPlan } from './kubelet/plan.ts'
import { type Kubelet, type PlanPod, startKubelet } from './kubelet.ts'
import type { Condition, ContainerStatus, KubeObject, Pod } from './kubernetes/objects.ts'
import { isAlive } from './process/is-alive.ts'
import { recordDeployments } from './record-deployments.ts'

let plane: ControlPlane
let kubelet: Kubelet

const plans: Record<string, KubeletPlan> = {
  'registry.test/app:slow': { outcome: 'ready', pullMs: 400 },
  'registry.test/app:unready': { outcome: 'never-ready' },
  'registry.test/app:unschedulable': { outcome: 'unschedulable' },
  'registry.test/app:unmounted': { outcome: 'mount-fails' },
  'registry.test/app:Bad:Name': { outcome: 'invalid-image-name' },
  'registry.test/app:missing': { outcome: 'image-pull-fails' },
  'registry.test/app:misconfigured': { outcome: 'config-error' },
  'registry.test/app:crashing': { outcome: 'crashes', exitCode: 3 },
  'registry.test/app:hungry': { outcome: 'crashes', reason: 'OOMKilled' },
  'registry.test/app:bad-migration': { outcome: 'crashes', container: 'migrate' },
}
const planByImage: PlanPod = (pod) => plans[pod.spec.containers[0]?.image ?? ''] ?? { outcome: 'ready' }

before(async () => {
  plane = await startControlPlane()
  kubelet = await startKubelet(plane, { plan: planByImage })
  await createNamespace(plane.api, 'shop')
})
after(async () => {
  await kubelet[Symbol.asyncDispose]()
  await plane[Symbol.asyncDispose]()
})

/** A pod of its own with this image tag, as the cluster shows it once `seen` holds. */
async function podWhen(
  tag: string,
  seen: (status: ContainerStatus, pod: Pod) => boolean,
  spec = {},
): Promise<Pod> {
  const name = tag.toLowerCase().replace(':', '-')
  const path = `/api/v1/namespaces/shop/pods/${name}`
  const containers = [{ name: 'app', image: `registry.test/app:${tag}` }]
  await plane.api.create('/api/v1/namespaces/shop/pods', {
    metadata: { name },
    spec: { containers, ...spec },
  })
  for await (const { object } of plane.api.watch<Pod>(
    '/api/v1/namespaces/shop/pods',
    { fieldSelector: `metadata.name=${name}` },
    AbortSignal.timeout(20_000),
  )) {
    const status = appOf(object)
    if (status && seen(status, object)) {
      await plane.api.delete(path, { gracePeriodSeconds: 0 })
      return object
    }
  }
  throw new Error('the watch ended')
}

const none = {
  name: 'app',
  image: '',
  imageID: '',
  ready: false,
  started: false,
  restartCount: 0,
  state: {},
  lastState: {},
}
const appOf = (pod: Pod): ContainerStatus =>
  pod.status.containerStatuses?.find(({ name }) => name === 'app') ?? none
const conditionOf = (pod: Pod, type: string): Condition | undefined =>
  pod.status.conditions?.find((condition) => condition.type === type)

interface KubeEvent extends KubeObject {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count?: number
  readonly involvedObject: { readonly uid: string; readonly fieldPath?: string }
  readonly reportingComponent: string
}

async function eventsOf(pod: Pod): Promise<readonly string[]> {
  const { items } = await plane.api.list<KubeEvent>('/api/v1/namespaces/shop/events')
  const own = items.filter(({ involvedObject }) => involvedObject.uid === pod.metadata.uid)
  return own.map(({ type, reason, message }) => `${type} ${reason} ${message}`).toSorted()
}

test('a Deployment rolls out, is updated and undone on the real control plane', async () => {
  await using record = await recordDeployments(plane)
  const key = { namespace: 'shop', name: 'web' }
  await createDeployment(plane.api, { ...key, image: 'registry.test/web:1' })
  await waitForRollout(plane.api, key)
  await setImage(plane.api, key, 'registry.test/web:2')
  const updated = await waitForRollout(plane.api, key)
  assert.equal(updated.metadata.annotations?.['deployment.kubernetes.io/revision'], '2')
  assert.equal(
    updated.status.conditions?.find(({ type }) => type === 'Progressing')?.reason,
    'NewReplicaSetAvailable',
  )
  await undoRollout(plane.api, key)
  const undone = await waitForRollout(plane.api, key)
  assert.equal(undone.metadata.annotations?.['deployment.kubernetes.io/revision'], '3')
  assert.equal(undone.spec.template.spec.containers[0]?.image, 'registry.test/web:1')

  await deleteDeployment(plane.api, key)
  await eventually(async () =>
    assert.deepEqual((await plane.api.list('/api/v1/namespaces/shop/pods')).items, []),
  )
  const seen = await eventually(() => {
    assert.equal(record.events.at(-1)?.type, 'DELETED')
    return record.events
  })
  assert.equal(seen[0]?.type, 'ADDED')
  const images = seen.map(({ deployment }) => deployment.spec.template.spec.containers[0]?.image)
  assert.deepEqual([...new Set(images)], ['registry.test/web:1', 'registry.test/web:2'])
})

test('a pod whose image comes slowly is created until it comes, then runs and is ready', async () => {
  const pod = await podWhen('slow', ({ ready }) => ready)
  assert.equal(pod.status.phase, 'Running')
  assert.equal(conditionOf(pod, 'Ready')?.status, 'True')
  const creating = await podWhen('slow', ({ state }) => state.waiting !== undefined)
  assert.equal(appOf(creating).state.waiting?.reason, 'ContainerCreating')
  assert.equal(creating.status.phase, 'Pending')
})

test('a pod that never gets ready names its unready containers', async () => {
  const pod = await podWhen('unready', ({ state }) => state.running !== undefined)
  assert.equal(pod.status.phase, 'Running')
  for (const type of ['Ready', 'ContainersReady']) {
    const { status, reason, message } = conditionOf(pod, type) ?? {}
    assert.deepEqual(
      [status, reason, message],
      ['False', 'ContainersNotReady', 'containers with unready status: [app]'],
    )
  }
  await eventually(async () =>
    assert.deepEqual(await eventsOf(pod), [
      'Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503',
    ]),
  )
})

test('a pod without a node stays pending in the words of the scheduler', async () => {
  const pod = await podWhen('unschedulable', (_, pod) => conditionOf(pod, 'PodScheduled')?.status === 'False')
  const { reason, message = '' } = conditionOf(pod, 'PodScheduled') ?? {}
  assert.equal(reason, 'Unschedulable')
  assert.match(message, /^0\/3 nodes are available: 3 Insufficient cpu\./)
  assert.equal(pod.spec.nodeName, undefined)
  assert.deepEqual(await eventsOf(pod), [`Warning FailedScheduling ${message}`])
})

test('a volume that cannot be mounted leaves its pod in ContainerCreating', async () => {
  const pod = await podWhen('unmounted', ({ state }) => state.waiting !== undefined)
  assert.equal(appOf(pod).state.waiting?.reason, 'ContainerCreating')
  assert.equal(conditionOf(pod, 'PodReadyToStartContainers')?.status, 'False')
  await eventually(async () =>
    assert.deepEqual(await eventsOf(pod), [
      'Warning FailedMount MountVolume.SetUp failed for volume "config" : configmap "app-config" not found',
    ]),
  )
})

test('an image name that cannot be parsed is InvalidImageName', async () => {
  const pod = await podWhen('Bad:Name', ({ state }) => state.waiting?.reason === 'InvalidImageName')
  const message =
    'Failed to apply default image tag "registry.test/app:Bad:Name": couldn\'t parse image name ' +
    '"registry.test/app:Bad:Name": invalid reference format'
  assert.equal(appOf(pod).state.waiting?.message, message)
  assert.deepEqual(await eventsOf(pod), [
    'Warning Failed Error: InvalidImageName',
    `Warning InspectFailed ${message}`,
  ])
})

test('an image that is not there is ErrImagePull, then ImagePullBackOff', async () => {
  const first = await podWhen('missing', ({ state }) => state.waiting?.reason === 'ErrImagePull')
  const runtime =
    'rpc error: code = NotFound desc = failed to pull and unpack image "registry.test/app:missing": ' +
    'failed to resolve reference "registry.test/app:missing": registry.test/app:missing: not found'
  assert.equal(appOf(first).state.waiting?.message, runtime)
  assert.equal(first.status.phase, 'Pending')
  const then = await podWhen('missing', ({ state }) => state.waiting?.reason === 'ImagePullBackOff')
  const image = '"registry.test/app:missing"'
  assert.equal(
    appOf(then).state.waiting?.message,
    `Back-off pulling image ${image}: ErrImagePull: ${runtime}`,
  )
  assert.deepEqual(await eventsOf(then), [
    `Normal BackOff Back-off pulling image ${image}`,
    `Normal Pulling Pulling image ${image}`,
    'Warning Failed Error: ErrImagePull',
    'Warning Failed Error: ImagePullBackOff',
    `Warning Failed Failed to pull image ${image}: ${runtime}`,
  ])
})

test('a missing secret is CreateContainerConfigError', async () => {
  const pod = await podWhen(
    'misconfigured',
    ({ state }) => state.waiting?.reason === 'CreateContainerConfigError',
  )
  assert.equal(appOf(pod).state.waiting?.message, 'secret "app-config" not found')
  assert.deepEqual(await eventsOf(pod), ['Warning Failed Error: secret "app-config" not found'])
})

test('a container that crashes is restarted at once, then backs off ever longer, and counts', async () => {
  const first = await podWhen('crashing', ({ state }) => state.terminated !== undefined)
  assert.deepEqual([appOf(first).restartCount, appOf(first).state.terminated?.exitCode], [0, 3])
  assert.equal(first.status.phase, 'Running')
  const backOffs: number[] = []
  const third = await podWhen('crashing', ({ restartCount, state }) => {
    if (state.waiting?.reason === 'CrashLoopBackOff') backOffs.push(restartCount)
    return backOffs.length === 2
  })
  assert.deepEqual(backOffs, [1, 2])
  const { name, uid } = third.metadata
  const { state, lastState } = appOf(third)
  assert.equal(
    state.waiting?.message,
    `back-off 20s restarting failed container=app pod=${name}_shop(${uid})`,
  )
  assert.deepEqual([lastState.terminated?.exitCode, lastState.terminated?.reason], [3, 'Error'])
  assert.equal(third.status.phase, 'Running')
  assert.deepEqual(await eventsOf(third), [
    `Warning BackOff Back-off restarting failed container app in pod ${name}_shop(${uid})`,
  ])
})

test('a container that is killed for its memory ends with 137 and OOMKilled', async () => {
  const pod = await podWhen('hungry', ({ state }) => state.waiting?.reason === 'CrashLoopBackOff')
  const { exitCode, reason } = appOf(pod).lastState.terminated ?? {}
  assert.deepEqual([exitCode, reason], [137, 'OOMKilled'])
})

test('an init container that fails keeps the others from starting', async () => {
  const initContainers = [{ name: 'migrate', image: 'registry.test/migrate:1' }]
  const migrateOf = (pod: Pod): ContainerStatus => pod.status.initContainerStatuses?.[0] ?? none
  const pod = await podWhen(
    'bad-migration',
    (_, pod) => migrateOf(pod).state.waiting?.reason === 'CrashLoopBackOff',
    { initContainers },
  )
  assert.equal(pod.status.phase, 'Pending')
  assert.equal(migrateOf(pod).lastState.terminated?.exitCode, 1)
  assert.equal(appOf(pod).state.waiting?.reason, 'PodInitializing')
  const { status, reason, message } = conditionOf(pod, 'Initialized') ?? {}
  assert.deepEqual(
    [status, reason, message],
    ['False', 'ContainersNotInitialized', 'containers with incomplete status: [migrate]'],
  )
})

test('init containers that work are completed one by one before the others start', async () => {
  const initContainers = ['first', 'second'].map((name) => ({ name, image: 'registry.test/migrate:1' }))
  const pod = await podWhen('2', ({ ready }) => ready, { initContainers })
  const ends = pod.status.initContainerStatuses?.map(({ state, ready }) => [state.terminated?.reason, ready])
  assert.deepEqual(ends, [
    ['Completed', true],
    ['Completed', true],
  ])
})

test('what is said again is one Event that counts up', async () => {
  const pod = await podWhen('crashing', ({ restartCount }) => restartCount === 3)
  const { items } = await plane.api.list<KubeEvent>('/api/v1/namespaces/shop/events')
  const backOff = items.filter(
    ({ reason, involvedObject }) => reason === 'BackOff' && involvedObject.uid === pod.metadata.uid,
  )
  assert.equal(backOff.length, 1)
  assert.ok((backOff[0]?.count ?? 0) >= 2)
})

test('the verbs of kubectl do what kubectl does', async () => {
  const { api } = plane
  const key = { namespace: 'shop', name: 'verbs' }
  const cause = 'kubernetes.io/change-cause'
  await createFromYaml(
    api,
    'shop',
    `metadata: { name: verbs, annotations: { ${cause}: first } }
spec:
  replicas: 1
  selector: { matchLabels: { app: verbs } }
  template:
    metadata: { labels: { app: verbs } }
    spec: { containers: [{ name: app, image: 'registry.test/verbs:1', env: [{ name: A, value: a }] }] }`,
  )
  await waitForRollout(api, key)
  await pauseRollout(api, key)
  await setImage(api, key, 'registry.test/verbs:2', { replicas: 2 })
  await annotate(api, key, { [cause]: 'second' })
  await eventually(async () => assert.equal((await getDeployment(api, key)).status.availableReplicas, 2))
  assert.equal((await listReplicaSets(api, key)).length, 1)
  await resumeRollout(api, key)
  await waitForRollout(api, key)
  await setEnv(api, key, { B: 'b' })
  await restartRollout(api, key)
  await scale(api, key, 1)
  const changed = await waitForRollout(api, key)
  const template = changed.spec.template
  assert.deepEqual(template.spec.containers[0]?.env, [
    { name: 'B', value: 'b' },
    { name: 'A', value: 'a' },
  ])
  assert.ok(template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'])

  await undoRollout(api, key, 1)
  const undone = await waitForRollout(api, key)
  assert.equal(undone.spec.template.spec.containers[0]?.image, 'registry.test/verbs:1')
  assert.equal(undone.metadata.annotations?.[cause], 'first')
  await deleteDeployment(api, key, 'Foreground')
  await eventually(() => assert.rejects(getDeployment(api, key), { code: 404 }))
})

test('running pods break and recover when their plan changes, over a restart of the API server too', async () => {
  const key = { namespace: 'shop', name: 'flaky' }
  await createDeployment(plane.api, { ...key, image: 'registry.test/flaky:1' })
  await waitForRollout(plane.api, key)
  kubelet.replan((pod) =>
    pod.metadata.name.startsWith('flaky') ? { outcome: 'never-ready' } : planByImage(pod),
  )
  await eventually(async () =>
    assert.equal((await getDeployment(plane.api, key)).status.unavailableReplicas, 2),
  )
  await plane.apiServer.kill()
  kubelet.replan(planByImage)
  await plane.apiServer.restart()
  await waitForRollout(plane.api, key)
  await setImage(plane.api, key, 'registry.test/flaky:2')
  await waitForRollout(plane.api, key, { timeoutMs: 60_000 })
})

test('a second kubelet takes running pods over as they stand', async () => {
  const steady = { namespace: 'shop', name: 'steady' }
  const versions = async (): Promise<unknown> => {
    const { items } = await plane.api.list<Pod>('/api/v1/namespaces/shop/pods?labelSelector=app%3Dsteady')
    return items.map(({ metadata }) => [metadata.uid, metadata.resourceVersion])
  }
  await createDeployment(plane.api, { ...steady, image: 'registry.test/steady:1' })
  await waitForRollout(plane.api, steady)
  await kubelet[Symbol.asyncDispose]()
  const before = await versions()

  kubelet = await startKubelet(plane, { plan: planByImage })
  const next = { namespace: 'shop', name: 'next' }
  await createDeployment(plane.api, { ...next, image: 'registry.test/next:1' })
  await waitForRollout(plane.api, next)
  assert.deepEqual(await versions(), before)
})

test('a kubelet whose API server does not answer says so', async () => {
  await assert.rejects(startKubelet({ ...plane, url: 'https://127.0.0.1:9' }), /ECONNREFUSED/)
  await assert.rejects(startKubelet({ ...plane, token: 'wrong' }), /401 Unauthorized/)
})

test('after dispose neither process nor folder of a control plane is left', async () => {
  const pids = [plane.etcd.pid, plane.apiServer.pid, plane.controllerManager.pid]
  await kubelet[Symbol.asyncDispose]()
  await plane[Symbol.asyncDispose]()
  for (const pid of pids) assert.equal(isAlive(pid), false)
  assert.equal(existsSync(dirname(plane.kubeconfig)), false)
})
