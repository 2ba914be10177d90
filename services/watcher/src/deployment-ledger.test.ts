import assert from 'node:assert/strict'
import { afterEach, mock, test } from 'node:test'
import { setImmediate as stored } from 'node:timers/promises'
import { createLogger, createScrubber } from '@hermod/runtime'
import { eventually } from '@hermod/testkit'
import type { V1Deployment, V1ReplicaSet } from '@kubernetes/client-node'
import { type DeploymentFacts, observeDeployment } from './deployment/observe.ts'
import { readFixture, testDigester } from './testing/fixtures.ts'
import { startLedgerRig } from './testing/ledger-rig.ts'

const progressing = readFixture<V1Deployment>('deployment-progressing')
const replicaSet = readFixture<V1ReplicaSet>('replica-set-new')
const facts = observeDeployment(progressing, {
  digester: testDigester,
  commitShaAnnotation: '',
  repoUrlAnnotation: '',
})
const { wanted } = facts.replicas
const done = { wanted, total: wanted, updated: wanted, ready: wanted, available: wanted, unavailable: 0 }

afterEach(() => mock.restoreAll())

const seen = (change: Partial<DeploymentFacts>): { readonly facts: DeploymentFacts } => ({
  facts: { ...facts, ...change },
})
const inNamespace = (namespace: string): { readonly facts: DeploymentFacts } =>
  seen({ namespace, uid: `uid in ${namespace}` })

test('what comes to be known of the pods of a Deployment that is not open is not told', async () => {
  const standing = {
    name: 'standing',
    uid: 'standing',
    replicas: done,
    creationTimestamp: '2020-01-01T00:00:00Z',
  }
  const owned = (name: string, uid: string): object => ({
    ...replicaSet,
    metadata: {
      ...replicaSet.metadata,
      name,
      uid: name,
      ownerReferences: [{ kind: 'Deployment', controller: true, uid }],
    },
  })
  await using rig = startLedgerRig((path) =>
    path.endsWith('replicasets') ? [owned('rs-1', 'standing'), owned('rs-2', facts.uid)] : [],
  )
  const { ledger, published } = rig
  for (const each of [seen(standing), seen({})]) ledger.see(each, 0)
  ledger.announce([facts.namespace])
  for (const { facts: of } of [seen(standing), seen({})]) ledger.retell(of)
  ledger.lookIntoOpen()
  await eventually(() => assert.ok(published.some(({ newReplicaSet }) => newReplicaSet?.name === 'rs-2')))
  assert.deepEqual(
    published.filter(({ name }) => name === 'standing').map(({ occasion }) => occasion),
    ['snapshot'],
  )
})

test('a look at the whole cluster that fails takes nothing away from the looks at single namespaces', async () => {
  const namespaces = Array.from({ length: 25 }, (_, index) => `n${index}`)
  await using rig = startLedgerRig((path) => {
    const [, namespace] = /namespaces\/(\w+)\//.exec(path) ?? []
    if (namespace === undefined) return path.endsWith('pods') ? 503 : []
    const ownerReferences = [{ kind: 'Deployment', controller: true, uid: `uid in ${namespace}` }]
    const metadata = { ...replicaSet.metadata, namespace, uid: `of ${namespace}`, ownerReferences }
    return path.endsWith('replicasets') ? [{ ...replicaSet, metadata }] : []
  })
  const { ledger, evidence } = rig
  for (const namespace of namespaces) ledger.see(inNamespace(namespace), 0)
  ledger.announce(namespaces)
  await eventually(() => {
    ledger.lookIntoOpen()
    for (const namespace of namespaces) {
      assert.ok(evidence.of(inNamespace(namespace).facts, true).newReplicaSet, namespace)
    }
  })
})

test('of the whole cluster no ReplicaSet without pods is kept but those of open rollouts', async () => {
  const namespaces = Array.from({ length: 25 }, (_, index) => `n${index}`)
  const empty = (namespace: string, uid: string): object => {
    const ownerReferences = [{ kind: 'Deployment', controller: true, uid }]
    const metadata = { ...replicaSet.metadata, name: uid, namespace, uid: `of ${uid}`, ownerReferences }
    return { ...replicaSet, metadata, spec: { ...replicaSet.spec, replicas: 0 }, status: {} }
  }
  await using rig = startLedgerRig((path) => {
    const isWhole = path === '/apis/apps/v1/replicasets'
    return isWhole
      ? [empty('n0', 'uid in n0'), empty('other', 'uid in other')]
      : path.includes('/n')
        ? 503
        : []
  })
  const { ledger, evidence } = rig
  for (const namespace of namespaces) ledger.see(inNamespace(namespace), 0)
  ledger.announce(namespaces)
  await eventually(() => {
    ledger.lookIntoOpen()
    assert.ok(evidence.of(inNamespace('n0').facts, true).newReplicaSet)
  })
  assert.equal(evidence.of(inNamespace('other').facts, true).newReplicaSet, undefined)
})

test('however many rollouts are due at once, a turn is short and each has its own in time', async () => {
  await using rig = startLedgerRig()
  const { ledger, published } = rig
  const namespaces = Array.from({ length: 1_500 }, (_, index) => `n${index}`)
  for (const namespace of namespaces) ledger.see(inNamespace(namespace), 0)
  ledger.announce(namespaces)
  // By this clock each look takes a millisecond: it is told by what it publishes.
  let nowMs = performance.now() + 60_000
  mock.method(performance, 'now', () => nowMs + published.length)
  const turns: number[] = []
  const told = new Set<string>()
  while (told.size < namespaces.length && turns.length < namespaces.length) {
    const before = published.length
    ledger.tick()
    await stored()
    nowMs += 250
    turns.push(published.length - before)
    for (const { namespace } of published.slice(before)) told.add(namespace)
  }
  assert.equal(told.size, namespaces.length)
  assert.ok(Math.max(...turns) <= 12, `${Math.max(...turns)} in one turn`)
})

test('a rollout without git annotations is warned of where that is asked for, one with them is not', async () => {
  const written: string[] = []
  const write = (line: string): void => void written.push(line)
  const log = createLogger({ service: 'test', level: 'warn', scrubber: createScrubber(), write })
  await using rig = startLedgerRig(() => [], log)
  const { ledger } = rig
  ledger.announce([facts.namespace])
  const another = { generation: facts.generation + 1, template: { ...facts.template, digest: 'another' } }
  for (const [name, git] of Object.entries({ plain: { sha: 'abc' }, traced: { sha: 'abc', repo: 'r' } })) {
    ledger.see(seen({ name, uid: name, git }), 0)
    ledger.see(seen({ name, uid: name, git, ...another }), 0)
  }
  assert.deepEqual(
    written.map((line) => JSON.parse(line).deployment),
    ['plain'],
  )
})
