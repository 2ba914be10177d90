import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { DeploymentObservation } from '@hermod/contracts'
import { Secret } from '@hermod/runtime'
import {
  eventually,
  type FakeArtifactory,
  httpFault,
  startFakeArtifactory,
  startNatsServer,
  startWebdavServer,
} from '@hermod/testkit'
import { createArtifactoryClient } from './artifactory-client.ts'
import { awaitReceipt } from './await-receipt.ts'
import { openCachedTemplates } from './cached-templates.ts'
import { settled, trace } from './rollout/testdata/trace.ts'
import { startTestBed, type TestBed, takeSnapshot } from './testdata/test-bed.ts'

const file = 'cache/deployment-events-v2-platform-shop.json'
const pythonFile = readFileSync(new URL('cache/testdata/python-cache.json', import.meta.url), 'utf8')
const apiSpec = readFileSync(new URL('cache/testdata/api-spec.json', import.meta.url), 'utf8')

const update = trace(`
  7 gen2 T=B
  34 obs2 U0
  695 R2 U2 av2 P=NewReplicaSetAvailable`)

/** With the spec that the watcher sends when it is given ARTIFACTORY_URL too. */
function withSpec(seen: DeploymentObservation): DeploymentObservation {
  const [app] = seen.template.containers
  const containers = [{ name: 'app', image: app?.image }]
  return { ...seen, spec: { replicas: 2, template: { spec: { containers } } } }
}

const imageIn = (artifactory: FakeArtifactory, name = 'web'): unknown => {
  const text = artifactory.file(file)?.toString() ?? '{"events":{}}'
  const { events } = JSON.parse(text) as { events: Record<string, { object: { spec: never } } | undefined> }
  return /"image":"([^"]+)"/.exec(JSON.stringify(events[name] ?? ''))?.[1]
}

const settingsFor = (artifactory: FakeArtifactory) => ({
  artifactoryUrl: `${artifactory.url}/cache`,
  artifactoryLogin: Secret.of(artifactory.login),
})

async function purgeStates(bed: TestBed): Promise<void> {
  await bed.connection.manager.streams.purge('KV_rollouts')
}

test('the file takes a template when its result is told, not when it starts', async () => {
  await using nats = await startNatsServer()
  await using artifactory = await startFakeArtifactory()
  await using bed = await startTestBed(nats.url)
  await using _replica = await bed.startReplica(settingsFor(artifactory))
  await takeSnapshot(bed, 's1', [withSpec(settled)])
  for (const seen of update) await bed.observe(withSpec(seen))
  await eventually(() => assert.equal(imageIn(artifactory), 'registry.example/web:B'))
  const [start = settled] = trace('0 gen3 T=C', update.at(-1))
  await bed.observe(withSpec(start))
  await eventually(() => assert.equal(bed.said('web'), 'started succeeded started'))
  await bed.observe(withSpec({ ...start, deleted: true }))
  await eventually(() => {
    const written = JSON.parse(artifactory.file(file)?.toString() ?? '') as unknown
    const containers = [{ name: 'app', image: 'registry.example/web:C' }]
    const spec = { replicas: 2, template: { spec: { containers } } }
    assert.deepEqual(written, {
      events: { web: { type: 'DELETED', object: { spec, metadata: null, status: null } } },
    })
  })
  assert.ok(!artifactory.calls.some(({ sent }) => sent.includes('web:C') && sent.includes('MODIFIED')))
})

test('the file takes a template when Slack has its result, or when nobody has told it for a while', async () => {
  await using nats = await startNatsServer()
  await using artifactory = await startFakeArtifactory()
  await using bed = await startTestBed(nats.url, 4, { mute: true })
  await using _replica = await bed.startReplica(settingsFor(artifactory))
  const names = ['told', 'untold']
  const named = (seen: DeploymentObservation, name: string) => withSpec({ ...seen, name, uid: name })
  await takeSnapshot(
    bed,
    's1',
    names.map((name) => named(settled, name)),
  )
  const resultOf = async (name: string) => {
    for (const seen of update) await bed.observe(named(seen, name))
    return await eventually(() => {
      const heard = bed.heard.find(
        ({ transition: { kind, rollout } }) => kind === 'succeeded' && rollout.name === name,
      )
      return heard?.transition ?? assert.fail()
    })
  }
  // In this order: what is not waited for stands in the file before what is.
  const untold = await resultOf('untold')
  const told = await resultOf('told')
  await bed.deliver(told)
  await eventually(() => assert.equal(imageIn(artifactory, 'told'), 'registry.example/web:B'))
  assert.equal(imageIn(artifactory, 'untold'), undefined)

  const { connection, partitions } = bed
  const patience = { connection, partitions, patienceMs: 300 }
  await awaitReceipt(untold, Date.now(), patience, new AbortController().signal)
  await bed.deliver(untold)
  await eventually(() => assert.equal(imageIn(artifactory, 'untold'), 'registry.example/web:B'))
})

test('taking over from deploy-notifier announces nothing but what changed in between', async () => {
  await using nats = await startNatsServer()
  await using artifactory = await startFakeArtifactory()
  artifactory.place(file, pythonFile)
  await using bed = await startTestBed(nats.url)
  await using _replica = await bed.startReplica(settingsFor(artifactory))
  const named = (name: string): DeploymentObservation => ({ ...settled, name, uid: name })
  const checkout = { ...named('checkout'), spec: JSON.parse(apiSpec) as Record<string, unknown> }
  await takeSnapshot(bed, 's1', [checkout, withSpec(named('web'))])
  await bed.observe({ ...named('late'), spec: {} })
  await eventually(() => assert.equal(bed.said('late'), 'succeeded'))
  assert.equal(bed.said('checkout'), '')
  assert.equal(bed.said('web'), '')

  await purgeStates(bed)
  await takeSnapshot(bed, 's2', [{ ...checkout, spec: { ...checkout.spec, template: {} } }])
  await eventually(() => assert.equal(bed.said('checkout'), 'succeeded'))
})

test('with the state lost the file keeps a result from being told twice, and one not told from being lost', async () => {
  await using nats = await startNatsServer()
  await using artifactory = await startFakeArtifactory()
  await using bed = await startTestBed(nats.url)
  {
    await using _replica = await bed.startReplica(settingsFor(artifactory))
    await takeSnapshot(bed, 's1', [withSpec(settled)])
    for (const seen of update) await bed.observe(withSpec(seen))
    await eventually(() => assert.equal(imageIn(artifactory), 'registry.example/web:B'))
  }
  await purgeStates(bed)
  await using _next = await bed.startReplica(settingsFor(artifactory))
  const [last = settled] = update.slice(-1)
  await bed.observe(withSpec({ ...last, occasion: 'snapshot' }))
  const [unheard = settled] = trace('9000 gen3 obs3 T=C', last)
  await purgeStates(bed)
  await bed.observe(withSpec({ ...unheard, occasion: 'snapshot' }))
  await eventually(() => assert.equal(bed.said('web'), 'started succeeded succeeded'))
  assert.equal(bed.heard.at(-1)?.transition.rollout.containers[0]?.image, 'registry.example/web:C')
})

test('while Artifactory is away everything goes on, and what was missed is written when it is back', async () => {
  await using nats = await startNatsServer()
  await using artifactory = await startFakeArtifactory()
  await using bed = await startTestBed(nats.url)
  const outage = artifactory.inject(httpFault.serverError())
  await using replica = await bed.startReplica(settingsFor(artifactory))
  await takeSnapshot(bed, 's1', [withSpec(settled)])
  for (const seen of update) await bed.observe(withSpec(seen))
  await eventually(() => assert.equal(bed.said('web'), 'started succeeded'))
  const { ready, checks } = replica.health.readiness()
  assert.ok(ready)
  assert.match(JSON.stringify(checks), /answered 503/)
  outage.lift()
  await eventually(() => assert.equal(imageIn(artifactory), 'registry.example/web:B'))
})

test('a burst in one namespace is a few PUTs, and none of it is missing', async () => {
  await using nats = await startNatsServer()
  await using artifactory = await startFakeArtifactory()
  await using bed = await startTestBed(nats.url)
  await using _one = await bed.startReplica(settingsFor(artifactory))
  await using _two = await bed.startReplica(settingsFor(artifactory))
  const names = Array.from({ length: 30 }, (_, index) => `web-${index}`)
  const named = (seen: DeploymentObservation, name: string) => withSpec({ ...seen, name, uid: name })
  await takeSnapshot(
    bed,
    's1',
    names.map((name) => named(settled, name)),
  )
  const beganAt = performance.now()
  for (const seen of update) await Promise.all(names.map((name) => bed.observe(named(seen, name))))
  await eventually(() => {
    for (const name of names) assert.equal(imageIn(artifactory, name), 'registry.example/web:B', name)
  })
  const seconds = (performance.now() - beganAt) / 1000
  const puts = artifactory.calls.filter(({ method, key }) => method === 'PUT' && key === file)
  assert.ok(puts.length <= seconds + 2, `${puts.length} PUTs in ${seconds} s`)
})

test('a file that cannot be parsed is kept aside before it is replaced', async () => {
  await using nats = await startNatsServer()
  await using artifactory = await startFakeArtifactory()
  artifactory.place(file, '{"events": {"web"')
  await using bed = await startTestBed(nats.url)
  await using _replica = await bed.startReplica(settingsFor(artifactory))
  await takeSnapshot(bed, 's1', [withSpec(settled)])
  for (const seen of update) await bed.observe(withSpec(seen))
  await eventually(() => assert.equal(imageIn(artifactory), 'registry.example/web:B'))
  assert.equal(artifactory.file(`${file}.unparsable`)?.toString(), '{"events": {"web"')
})

test('an account that may not overwrite is named before the first result', async () => {
  await using nats = await startNatsServer()
  const users = [{ name: 'ci', password: 'x', rights: ['read', 'deploy'] as const }]
  await using artifactory = await startFakeArtifactory({ users })
  await using bed = await startTestBed(nats.url)
  await using replica = await bed.startReplica(settingsFor(artifactory))
  await eventually(() => assert.match(JSON.stringify(replica.health.readiness()), /calls it DELETE/))
})

test('an Artifactory that hangs holds up the start once, not once a namespace', async () => {
  await using artifactory = await startFakeArtifactory()
  artifactory.inject({ kind: 'hang' })
  const client = createArtifactoryClient({
    url: artifactory.url,
    login: Secret.of(artifactory.login),
    timeoutMs: 300,
  })
  const troubles: (string | undefined)[] = []
  const onTrouble = (reason: string | undefined): void => void troubles.push(reason)
  const { signal } = new AbortController()
  const cached = { client, ownNamespace: 'platform', cluster: 'prod', link: () => signal, onTrouble }
  const templates = openCachedTemplates(cached)
  for (let index = 0; index < 20; index++) {
    const seen = withSpec({ ...settled, namespace: `n-${index}` })
    assert.equal(await templates.compare(seen, signal), undefined)
  }
  assert.equal(artifactory.calls.length, 1)
  assert.match(troubles.join(), /no answer in time/)
})

test('a file that was read before NATS was lost is read again: what was told since is not told twice', async () => {
  await using artifactory = await startFakeArtifactory()
  const client = createArtifactoryClient({
    url: `${artifactory.url}/cache`,
    login: Secret.of(artifactory.login),
  })
  let link = new AbortController()
  const templates = openCachedTemplates({
    client,
    ownNamespace: 'platform',
    cluster: 'prod',
    link: () => link.signal,
    onTrouble: () => {},
  })
  const { signal } = new AbortController()
  const compare = () => templates.compare(withSpec({ ...settled, name: 'checkout' }), signal)
  assert.equal(await compare(), undefined)
  artifactory.place(file, pythonFile)
  assert.equal(await compare(), undefined, 'asked too often')
  link.abort()
  link = new AbortController()
  assert.equal(await compare(), 'different')
})

test('a real HTTP store remembers what was told: with the state lost, what finished meanwhile is still news', async () => {
  await using nats = await startNatsServer()
  await using store = await startWebdavServer()
  await using bed = await startTestBed(nats.url)
  const settings = { artifactoryUrl: store.url, artifactoryLogin: Secret.of(store.login) }
  {
    await using _replica = await bed.startReplica(settings)
    await takeSnapshot(bed, 's1', [withSpec(settled)])
    for (const seen of update) await bed.observe(withSpec(seen))
    const path = join(store.folder, 'deployment-events-v2-platform-shop.json')
    await eventually(async () => assert.match(await readFile(path, 'utf8'), /web:B/))
  }
  await purgeStates(bed)
  await using _next = await bed.startReplica(settings)
  const [missed = settled] = trace('900 gen3 obs3 rev3 T=C', update.at(-1))
  // Its last event comes before the watcher knows that its stream was lost, and tells the spec no second time.
  await bed.observe(missed)
  await takeSnapshot(bed, 's2', [withSpec(missed)])
  await eventually(() => assert.equal(bed.said('web'), 'started succeeded succeeded'))
})
