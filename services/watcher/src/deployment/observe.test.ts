import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseObservation } from '@hermod/contracts'
import type { V1Deployment } from '@kubernetes/client-node'
import fc from 'fast-check'
import { readFixture, testDigester } from '../testing/fixtures.ts'
import { composeObservation } from './compose.ts'
import { type DeploymentFacts, observeDeployment } from './observe.ts'
import { isComplete } from './open.ts'
import type { Wire } from './wire.ts'

const options = {
  digester: testDigester,
  commitShaAnnotation: 'hermod.uswitch.com/gitsha',
  repoUrlAnnotation: 'hermod.uswitch.com/gitrepo',
}
const observe = (deployment: Wire<V1Deployment>): DeploymentFacts => observeDeployment(deployment, options)
const complete = (): Wire<V1Deployment> => readFixture<V1Deployment>('deployment-complete')

const setting = {
  cluster: 'test',
  namespaceAnnotations: undefined,
  namespaceListed: false,
  occasion: 'snapshot',
  deleted: false,
  spec: undefined,
  observedAt: '2026-11-22T12:00:00Z',
} as const

test('a complete Deployment is read with all that routing and cards need', () => {
  const facts = observe(complete())
  assert.deepEqual(facts.replicas, {
    wanted: 2,
    total: 2,
    updated: 2,
    ready: 2,
    available: 2,
    unavailable: 0,
  })
  assert.ok(isComplete(facts))
  assert.equal(facts.team, 'payments')
  assert.equal(facts.changeCause, 'release 1')
  assert.equal(facts.strategy, 'RollingUpdate')
  assert.equal(facts.progressDeadlineSeconds, 600)
  assert.deepEqual(Object.keys(facts.annotations), ['hermod.uswitch.com/gitsha'])
  assert.equal(facts.changedBy?.operation, 'Update')
})

test('the commit is taken from the Deployment, and what it lacks from the pod template', () => {
  assert.deepEqual(observe(complete()).git, {
    sha: 'c48655970ce3485815638ff8e430d9c69588bed2',
    repo: 'https://git.example/shop/cart',
  })
})

test('containers are told in clear, with their roles and the defaults of the API', () => {
  const { containers } = observe(complete()).template
  assert.deepEqual(
    containers.map(({ name, role, image }) => [name, role, image]),
    [
      ['app', 'container', 'cart:1'],
      ['migrate', 'init', 'cart-migrate:1'],
      ['proxy', 'sidecar', 'proxy:7'],
    ],
  )
  assert.deepEqual(containers[0]?.envNames, ['TOKEN', 'MODE'])
  assert.deepEqual(containers[0]?.limits, { memory: '256Mi' })
  assert.deepEqual(containers[0]?.probes, [
    {
      kind: 'readiness',
      check: 'GET /ready:8080',
      initialDelaySeconds: 0,
      periodSeconds: 10,
      timeoutSeconds: 1,
      failureThreshold: 3,
    },
  ])
})

test('no value of env is in an observation', () => {
  const observation = composeObservation({ facts: observe(complete()), open: false }, setting)
  assert.doesNotMatch(JSON.stringify(observation), /hunter2|fast|--serve/)
})

test('a progressing Deployment is not complete by its counters, whatever its conditions say', () => {
  assert.equal(isComplete(observe(readFixture<V1Deployment>('deployment-progressing'))), false)
})

test('what a Deployment lacks is what the API means by it', () => {
  const facts = observe({ metadata: { name: 'constructor', namespace: 'shop', uid: 'u' }, spec: {} })
  assert.deepEqual(facts.replicas, {
    wanted: 1,
    total: 0,
    updated: 0,
    ready: 0,
    available: 0,
    unavailable: 0,
  })
  assert.deepEqual(facts.conditions, [])
  assert.deepEqual(facts.template.containers, [])
  assert.equal(facts.revision, undefined)
})

test('zero replicas are complete once they were observed', () => {
  const facts = observe({
    metadata: { generation: 2 },
    spec: { replicas: 0 },
    status: { observedGeneration: 2 },
  })
  assert.ok(isComplete(facts))
  assert.equal(isComplete({ ...facts, observedGeneration: 1 }), false)
})

test('the digests of a generation are computed once', () => {
  const before = observe(complete())
  const later = observeDeployment(complete(), { ...options, before })
  assert.equal(later.template, before.template)
})

test('an observation is one that the contracts read back, however odd the Deployment', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('__proto__', 'constructor', '\u202e`<!channel>`'),
  )
  const record = fc.dictionary(text, text)
  const deployment = fc.record(
    {
      metadata: fc.record(
        { annotations: record, labels: record, generation: fc.nat(), resourceVersion: text },
        { requiredKeys: [] },
      ),
      spec: fc.record(
        { replicas: fc.nat(), paused: fc.boolean(), template: fc.constant({}) },
        { requiredKeys: [] },
      ),
      status: fc.record(
        {
          conditions: fc.array(
            fc.record({ type: text, message: fc.string({ maxLength: 2_000 }) }, { requiredKeys: [] }),
          ),
          replicas: fc.nat(),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(deployment, (odd) => {
      const named = {
        namespace: 'n',
        name: 'constructor',
        uid: 'u',
        creationTimestamp: '2026-11-22T12:00:00Z',
      }
      const facts = observe({ ...odd, metadata: { ...odd.metadata, ...named } })
      const observation = composeObservation({ facts, open: true }, setting)
      const read = parseObservation(JSON.parse(JSON.stringify(observation)))
      assert.equal(read.kind, 'ok', JSON.stringify(read))
    }),
  )
})

test('a Deployment of 1.5 MB becomes an observation of a few KiB, each image told', () => {
  const env = Array.from({ length: 300 }, (_, index) => ({ name: `${index}\\`.repeat(60), value: 'x' }))
  const limits = Object.fromEntries(env.map(({ name }, index) => [`example.com/${name}`, String(index)]))
  const container = { image: 'i:1', env, resources: { limits, requests: limits } }
  const containers = Array.from({ length: 40 }, (_, index) => ({ name: `c${index}`, ...container }))
  const facts = observe({ metadata: { name: 'big' }, spec: { template: { spec: { containers } } } })
  assert.ok(JSON.stringify(facts).length < 64 * 1024)
  assert.equal(facts.template.containers.filter(({ image }) => image === 'i:1').length, 30)
  assert.ok(facts.template.containers[0]?.envNames.length)
})
