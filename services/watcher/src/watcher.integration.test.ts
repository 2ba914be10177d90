import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  annotate,
  type ControlPlane,
  createDeployment,
  createNamespace,
  deleteDeployment,
  eventually,
  scale,
  setEnv,
  setImage,
  startControlPlane,
  startKubelet,
} from '@hermod/testkit'
import {
  type ObservationsRig,
  partitions,
  type RunningWatcher,
  runWatcher,
  startObservationsRig,
} from './testing/watcher-rig.ts'

let plane: ControlPlane
let rig: ObservationsRig
let watcher: RunningWatcher
const parts = new AsyncDisposableStack()
const cart = { namespace: 'shop', name: 'cart' }

before(async () => {
  plane = parts.use(await startControlPlane())
  parts.use(
    await startKubelet(plane, {
      plan: ({ spec }) =>
        spec.containers[0]?.image.endsWith(':bad') ? { outcome: 'image-pull-fails' } : { outcome: 'ready' },
    }),
  )
  rig = parts.use(await startObservationsRig())
  await createNamespace(plane.api, 'shop', { 'hermod.uswitch.com/slack': 'deploys' })
  await createNamespace(plane.api, 'quiet')
  await createDeployment(plane.api, { ...cart, image: 'cart:1' })
  await createDeployment(plane.api, { namespace: 'quiet', name: 'mouse', image: 'mouse:1' })
  watcher = parts.use(
    await runWatcher({ NATS_URL: rig.nats.url, KUBECONFIG: plane.kubeconfig, CLUSTER_NAME: 'test' }),
  )
})
after(() => parts.disposeAsync())

test('at the start all that is in the scope is told between two markers in each partition', async () => {
  const endsOf = () => rig.markers().filter((marker) => marker.kind === 'snapshot-end')
  await eventually(() => assert.equal(endsOf().length, partitions))
  const ends = endsOf()
  for (const { namespaces, wholeScope } of ends) {
    assert.deepEqual(namespaces, ['shop'])
    assert.equal(wholeScope, true)
  }
  assert.deepEqual(
    ends.flatMap(({ deployments }) => deployments.map(({ name }) => name)),
    ['cart'],
  )
  assert.ok(rig.observationsOf('shop', 'cart').some(({ occasion }) => occasion === 'snapshot'))
  assert.deepEqual(rig.observationsOf('quiet'), [])
  assert.ok(watcher.health.readiness().ready)
})

test('a rollout is told at its first event, and its completion with its own counters', async () => {
  const before = rig.observationsOf('shop', 'cart').length
  const { metadata } = await setImage(plane.api, cart, 'cart:2')
  await eventually(() => {
    const last = rig.observationsOf('shop', 'cart').at(-1)
    assert.equal(last?.generation, metadata.generation)
    assert.equal(last?.observedGeneration, metadata.generation)
    assert.deepEqual(last?.replicas, {
      wanted: 2,
      total: 2,
      updated: 2,
      ready: 2,
      available: 2,
      unavailable: 0,
    })
  })
  const [first] = rig.observationsOf('shop', 'cart').slice(before)
  assert.equal(first?.occasion, 'changed')
  assert.equal(first?.template.containers[0]?.image, 'cart:2')
  assert.equal(first?.observedGeneration, Number(metadata.generation) - 1)
})

test('an image that cannot be pulled is diagnosed, with container, reason and text', async () => {
  await setImage(plane.api, cart, 'cart:bad')
  const diagnosed = await eventually(() => {
    const last = rig.observationsOf('shop', 'cart').at(-1)
    assert.ok(last?.diagnosis)
    return last
  })
  const [cause] = diagnosed.diagnosis?.causes ?? []
  assert.match(cause?.reason ?? '', /^(ErrImagePull|ImagePullBackOff)$/)
  assert.match(cause?.message ?? '', /not found/)
  assert.deepEqual(cause?.container, { name: 'app', role: 'container', image: 'cart:bad' })
  assert.equal(diagnosed.newReplicaSet?.revision, diagnosed.revision)
  await setImage(plane.api, cart, 'cart:2')
  await eventually(() => assert.equal(rig.observationsOf('shop', 'cart').at(-1)?.diagnosis, undefined))
})

test('values of env never leave the watcher, but their change does', async () => {
  await setEnv(plane.api, cart, { TOKEN: 'first-secret' })
  const first = await eventually(() => {
    const last = rig.observationsOf('shop', 'cart').at(-1)
    assert.deepEqual(last?.template.containers[0]?.envNames, ['TOKEN'])
    return last
  })
  await setEnv(plane.api, cart, { TOKEN: 'second-secret' })
  await eventually(() => {
    const last = rig.observationsOf('shop', 'cart').at(-1)
    assert.notEqual(last?.template.aspects['env/app'], first?.template.aspects['env/app'])
    assert.equal(last?.template.aspects['image/app'], first?.template.aspects['image/app'])
  })
  assert.doesNotMatch(JSON.stringify([rig.published, watcher.log]), /first-secret|second-secret/)
})

test('a scale changes counters and no template', async () => {
  const before = rig.observationsOf('shop', 'cart').at(-1)
  await scale(plane.api, cart, 3)
  await eventually(() => assert.equal(rig.observationsOf('shop', 'cart').at(-1)?.replicas.available, 3))
  const digests = new Set(
    rig
      .observationsOf('shop', 'cart')
      .slice(-3)
      .map(({ template }) => template.digest),
  )
  assert.deepEqual([...digests], [before?.template.digest])
})

test('a namespace that opts in is told at once, one that opts out is released in each partition', async () => {
  await plane.api.patch('/api/v1/namespaces/quiet', {
    metadata: { annotations: { 'hermod.uswitch.com/slack': 'mice' } },
  })
  await eventually(() => {
    const ends = rig
      .markers()
      .filter((marker) => marker.kind === 'snapshot-end')
      .filter(({ namespaces }) => namespaces.includes('quiet'))
    assert.equal(ends.length, partitions)
    for (const { wholeScope } of ends) assert.notEqual(wholeScope, true, 'it tells of this one alone')
  })
  assert.deepEqual(rig.observationsOf('quiet', 'mouse').at(-1)?.namespaceAnnotations, {
    'hermod.uswitch.com/slack': 'mice',
  })
  await plane.api.patch('/api/v1/namespaces/quiet', {
    metadata: { annotations: { 'hermod.uswitch.com/slack': null } },
  })
  await eventually(() => {
    const released = rig.markers().filter((marker) => marker.kind === 'released')
    assert.deepEqual(
      released.map(({ namespace }) => namespace),
      Array(partitions).fill('quiet'),
    )
  })
  const told = rig.observationsOf('quiet').length
  await setImage(plane.api, { namespace: 'quiet', name: 'mouse' }, 'mouse:2')
  await setImage(plane.api, cart, 'cart:3')
  await eventually(() =>
    assert.equal(rig.observationsOf('shop', 'cart').at(-1)?.template.containers[0]?.image, 'cart:3'),
  )
  assert.equal(rig.observationsOf('quiet').length, told)
})

test('an annotation that cannot be used travels as a problem, in words for its author', async () => {
  await annotate(plane.api, cart, { 'hermod.uswitch.com/alert': 'sometimes' })
  await eventually(() => {
    const { problems } = rig.observationsOf('shop', 'cart').at(-1) ?? {}
    assert.deepEqual(
      problems?.map(({ annotation, on, value }) => ({ annotation, on, value })),
      [{ annotation: 'hermod.uswitch.com/alert', on: 'Deployment', value: 'sometimes' }],
    )
  })
})

test('a Deployment that is deleted and made anew under its name is told as both', async () => {
  const uid = rig.observationsOf('shop', 'cart').at(-1)?.uid
  await deleteDeployment(plane.api, cart)
  await createDeployment(plane.api, { ...cart, image: 'cart:9' })
  await eventually(() => {
    const lastWords = rig
      .observationsOf('shop', 'cart')
      .filter((each) => each.uid === uid)
      .at(-1)
    assert.ok(lastWords?.deleted)
    assert.notEqual(rig.observationsOf('shop', 'cart').at(-1)?.uid, uid)
  })
})

test('rollouts that fail in many namespaces at once are all diagnosed', async () => {
  const namespaces = Array.from({ length: 25 }, (_, index) => `many-${index}`)
  for (const namespace of namespaces) {
    await createNamespace(plane.api, namespace, { 'hermod.uswitch.com/slack': 'deploys' })
    await createDeployment(plane.api, { namespace, name: 'web', image: 'web:bad', replicas: 1 })
  }
  await eventually(
    () => {
      const silent = namespaces.filter((namespace) => !rig.observationsOf(namespace).at(-1)?.diagnosis)
      assert.deepEqual(silent, [])
    },
    { timeoutMs: 30_000 },
  )
})

test('where the cache wants specs the first observation of each generation carries one', async () => {
  const own = () => rig.observationsOf('shop', 'cart').filter(({ cluster }) => cluster === 'cached')
  const env = { NATS_URL: rig.nats.url, KUBECONFIG: plane.kubeconfig, CLUSTER_NAME: 'cached' }
  await using cached = await runWatcher({ ...env, ARTIFACTORY_URL: 'https://cache.example' })
  await eventually(() => assert.ok(own()[0]?.spec))
  const { metadata } = await setImage(plane.api, cart, 'cart:10')
  await eventually(() => assert.equal(own().at(-1)?.observedGeneration, metadata.generation))
  const withSpec = own().filter(({ spec }) => spec !== undefined)
  assert.deepEqual(
    withSpec.map(({ generation }) => generation),
    [...new Set(own().map(({ generation }) => generation))],
  )
  assert.match(JSON.stringify(withSpec.at(-1)?.spec), /cart:10/)
  assert.deepEqual(cached.failures, [])
})

test('once a watcher is ready, what stood is stored before anything that happens from then on', async () => {
  const env = { NATS_URL: rig.nats.url, KUBECONFIG: plane.kubeconfig, CLUSTER_NAME: 'fresh' }
  await using fresh = await runWatcher(env)
  await eventually(() => assert.ok(fresh.health.readiness().ready), { everyMs: 1 })
  await setImage(plane.api, cart, 'cart:fresh')
  const told = await eventually(() => {
    const own = rig.published.flatMap(({ data }) => (data.cluster === 'fresh' ? [data] : []))
    const change = own.findIndex(
      (data) => data.kind === 'observation' && data.template.containers[0]?.image === 'cart:fresh',
    )
    assert.notEqual(change, -1)
    return own.slice(0, change)
  })
  assert.equal(told.filter(({ kind }) => kind === 'snapshot-end').length, partitions)
  assert.deepEqual(fresh.failures, [])
})

test('names like constructor, names of 253 characters and templates of a megabyte are told as any other', async () => {
  const namespace = 'constructor'
  await createNamespace(plane.api, namespace, { 'hermod.uswitch.com/slack': 'bäckerei' })
  const long = `x${'-y'.repeat(126)}`
  const matching = { selector: { matchLabels: { app: 'x' } } }
  const template = {
    metadata: { labels: { app: 'x' } },
    spec: {
      containers: [{ name: 'app', image: 'app:1', env: [{ name: 'WISH', value: 'ü😀'.repeat(180_000) }] }],
    },
  }
  for (const name of ['constructor', 'prototype', long]) {
    await createDeployment(plane.api, { namespace, name, image: 'app:1', spec: { ...matching, template } })
  }
  await eventually(() => {
    const told = new Set(rig.observationsOf(namespace).map(({ name }) => name))
    assert.deepEqual([...told].sort(), ['constructor', 'prototype', long].sort())
  })
  for (const name of ['constructor', 'prototype', long])
    await deleteDeployment(plane.api, { namespace, name })
  await eventually(() => {
    const gone = rig.observationsOf(namespace).filter(({ deleted }) => deleted)
    assert.equal(gone.length, 3)
  })
  assert.ok(rig.observationsOf(namespace).every((each) => JSON.stringify(each).length < 16_384))
})

test('nothing failed on the way, and no id was used twice', () => {
  assert.deepEqual(watcher.failures, [])
  assert.equal(new Set(rig.published.map(({ id }) => id)).size, rig.published.length)
})
