import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeEvent, type EventType, encodeEvent } from './cloud-event.ts'
import { type DeadLetter, parseDeadLetter } from './dead-letter.ts'
import { type DeliveryReceipt, parseReceipt } from './delivery-receipt.ts'
import type { ContainerFacts, Diagnosis, ReplicaCounts } from './deployment-facts.ts'
import { type DeploymentObservation, parseObservation } from './deployment-observation.ts'
import { transitionMessageId } from './message-id.ts'
import type { Parsed } from './parsed.ts'
import type { Change, Rollout } from './rollout.ts'
import { parseRolloutState } from './rollout-state.ts'
import { parseTransition, type RolloutTransition, transitionKinds } from './rollout-transition.ts'
import { parseMarker, parseObserved, type SnapshotMarker } from './snapshot-marker.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const name = fc.oneof(
  fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/),
  fc.constant('constructor'),
  fc.constant('x'.repeat(253)),
)
const count = fc.nat()
const time = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
  .map((date) => date.toISOString())
// Absent or there, never there and undefined: JSON knows no undefined.
const maybe = { requiredKeys: [] }
const annotations = fc.dictionary(
  name.map((key) => `hermod.uswitch.com/${key}`),
  text,
  { maxKeys: 3 },
)
const quantities = fc.dictionary(fc.constantFrom('cpu', 'memory', 'nvidia.com/gpu'), text)
const deployment = { cluster: name, namespace: name, name }
const role = fc.constantFrom('container' as const, 'init' as const, 'sidecar' as const)

const replicas: fc.Arbitrary<ReplicaCounts> = fc.record({
  wanted: count,
  total: count,
  updated: count,
  ready: count,
  available: count,
  unavailable: count,
})
const containers: fc.Arbitrary<ContainerFacts[]> = fc.array(
  fc.record({
    name,
    role,
    image: text,
    envNames: fc.array(text, { maxLength: 3 }),
    requests: quantities,
    limits: quantities,
    probes: fc.array(
      fc.record({
        kind: fc.constantFrom('liveness' as const, 'readiness' as const, 'startup' as const),
        check: text,
        initialDelaySeconds: count,
        periodSeconds: count,
        timeoutSeconds: count,
        failureThreshold: count,
      }),
      { maxLength: 2 },
    ),
  }),
  { maxLength: 3 },
)
const diagnosis: fc.Arbitrary<Diagnosis> = fc.record({
  causes: fc.array(
    fc.record(
      {
        reason: name,
        message: text,
        pods: count,
        restarts: count,
        container: fc.record({ name, role, image: text }),
        lastTermination: fc.record(
          { reason: text, exitCode: fc.integer(), signal: fc.integer(), message: text, finishedAt: time },
          { requiredKeys: ['reason', 'exitCode'] },
        ),
        since: time,
      },
      { requiredKeys: ['reason', 'message', 'pods', 'restarts'] },
    ),
    { maxLength: 3 },
  ),
  newPods: count,
  oldPods: count,
  oldPodsFailingAlike: count,
})
const git = fc.record({ sha: text, repo: text }, maybe)
const changedBy = fc.record(
  { manager: text, operation: text, time },
  { requiredKeys: ['manager', 'operation'] },
)
const problems = fc.array(
  fc.record({
    annotation: text,
    on: fc.constantFrom('Namespace' as const, 'Deployment' as const),
    value: text,
    problem: text,
  }),
  { maxLength: 2 },
)

const optionalFields = {
  deletionTimestamp: time,
  revision: text,
  progressDeadlineSeconds: count,
  namespaceAnnotations: annotations,
  team: text,
  changeCause: text,
  changedBy,
  newReplicaSet: fc.record({ name, uid: name, podTemplateHash: text, creationTimestamp: time }),
  diagnosis,
  spec: fc.constant({
    replicas: 2,
    template: { spec: { containers: [{ env: [{ name: 'A', value: 'b' }] }] } },
  }),
}
const observationFields = {
  kind: fc.constant('observation' as const),
  version: fc.constant(1),
  ...deployment,
  uid: name,
  creationTimestamp: time,
  deleted: fc.boolean(),
  resourceVersion: text,
  generation: count,
  observedGeneration: count,
  replicas,
  paused: fc.boolean(),
  conditions: fc.array(
    fc.record({ type: text, status: text, reason: text, message: text, lastUpdateTime: time }),
  ),
  strategy: text,
  minReadySeconds: count,
  template: fc.record({ digest: name, aspects: quantities, keyId: text, digestVersion: count, containers }),
  annotations,
  namespaceListed: fc.boolean(),
  problems,
  git,
  occasion: fc.constantFrom('changed' as const, 'progress' as const, 'again' as const, 'snapshot' as const),
  observedAt: time,
}
const observation: fc.Arbitrary<DeploymentObservation> = fc.record(
  { ...observationFields, ...optionalFields },
  { requiredKeys: Object.keys(observationFields) as (keyof typeof observationFields)[] },
)

const marker: fc.Arbitrary<SnapshotMarker> = fc.oneof(
  fc.record({
    kind: fc.constant('snapshot-begin' as const),
    version: fc.constant(1),
    cluster: name,
    partition: count,
    observedAt: time,
    snapshotId: name,
  }),
  fc.record({
    kind: fc.constant('snapshot-end' as const),
    version: fc.constant(1),
    cluster: name,
    partition: count,
    observedAt: time,
    snapshotId: name,
    piece: count,
    pieces: count,
    namespaces: fc.array(name),
    wholeScope: fc.option(fc.boolean(), { nil: undefined }),
    deployments: fc.array(fc.record({ namespace: name, name, uid: name })),
  }),
  fc.record({
    kind: fc.constant('released' as const),
    version: fc.constant(1),
    cluster: name,
    partition: count,
    observedAt: time,
    namespace: name,
  }),
)

const images = fc.array(
  fc.record({ container: name, from: text, to: text }, { requiredKeys: ['container'] }),
  { maxLength: 2 },
)
const change: fc.Arbitrary<Change> = fc.record(
  {
    classes: fc.array(fc.constantFrom('new-image' as const, 'config' as const, 'rollback' as const)),
    rollbackTo: text,
    images,
    env: fc.array(
      fc.record({
        container: name,
        added: fc.array(text),
        removed: fc.array(text),
        valuesChanged: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    resources: fc.array(
      fc.record({
        container: name,
        bound: fc.constantFrom('request' as const, 'limit' as const),
        resource: name,
        from: text,
      }),
      { maxLength: 2 },
    ),
    otherAspects: fc.array(text),
  },
  { requiredKeys: ['classes', 'images', 'env', 'resources', 'otherAspects'] },
)
const rolloutFields = {
  ...deployment,
  uid: name,
  attempt: count,
  phase: fc.constantFrom('progressing' as const, 'stalled' as const, 'complete' as const, 'failed' as const),
  reason: text,
  replicas,
  containers,
  change,
  times: fc.record(
    {
      startedAt: time,
      progressedAt: time,
      stalledAt: time,
      failedAt: time,
      finishedAt: time,
      deadlineAt: time,
    },
    { requiredKeys: ['startedAt', 'progressedAt'] },
  ),
  git,
  annotations,
  namespaceListed: fc.boolean(),
  problems,
}
const rollout: fc.Arbitrary<Rollout> = fc.record(
  {
    ...rolloutFields,
    message: text,
    revision: text,
    diagnosis,
    typicalSeconds: fc.nat(),
    lastGood: fc.record({ attempt: count, containers, git, finishedAt: time, tookSeconds: fc.nat() }),
    supersededBy: fc.record({ attempt: count, images }),
    changedBy,
    changeCause: text,
    team: text,
    namespaceAnnotations: annotations,
  },
  { requiredKeys: Object.keys(rolloutFields) as (keyof typeof rolloutFields)[] },
)
const transition: fc.Arbitrary<RolloutTransition> = fc.record({
  version: fc.constant(1),
  kind: fc.constantFrom(...transitionKinds),
  epoch: count,
  n: count,
  at: time,
  rollout,
})
const receipt: fc.Arbitrary<DeliveryReceipt> = fc.record({
  version: fc.constant(1),
  ...deployment,
  uid: name,
  attempt: count,
  kind: fc.constantFrom(...transitionKinds),
  action: fc.constantFrom('posted' as const, 'edited' as const, 'replied' as const),
  channel: name,
  ts: name,
  at: time,
  deliveredAt: time,
})
const deadLetter: fc.Arbitrary<DeadLetter> = fc.record({
  version: fc.constant(1),
  service: name,
  stream: name,
  consumer: name,
  sequence: count,
  subject: name,
  reason: text,
  deliveries: count,
  headers: quantities,
  payload: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
  at: time,
})

interface Contract {
  readonly type: EventType | 'state'
  readonly arbitrary: fc.Arbitrary<{ readonly version: number }>
  readonly parse: (data: unknown) => Parsed<unknown>
}

const contracts: readonly Contract[] = [
  { type: 'observation', arbitrary: observation, parse: parseObservation },
  { type: 'observation', arbitrary: fc.oneof(observation, marker), parse: parseObserved },
  { type: 'snapshot', arbitrary: marker, parse: parseMarker },
  { type: 'transition', arbitrary: transition, parse: parseTransition },
  { type: 'delivery', arbitrary: receipt, parse: parseReceipt },
  { type: 'dead-letter', arbitrary: deadLetter, parse: parseDeadLetter },
  {
    type: 'state',
    arbitrary: fc.record({ version: fc.constant(1), epoch: count, n: count, rollout }),
    parse: parseRolloutState,
  },
]

for (const { type, arbitrary: built, parse } of contracts) {
  // As a program builds it: fast-check's own records have no prototype.
  const arbitrary = built.map((data): typeof data => JSON.parse(JSON.stringify(data)))
  const title = `${type} (${parse.name})`

  test(`${title}: what was built is read back as it was, with its envelope`, () => {
    fc.assert(
      fc.property(arbitrary, name, time, (data, id, at) => {
        const event = { id, source: '/hermod/test/c', subject: 'ns/app', time: at }
        const body = encodeEvent({ ...event, type: type === 'state' ? 'transition' : type, data })
        const decoded = decodeEvent(body, parse)
        assert.equal(decoded.kind, 'ok', JSON.stringify(decoded))
        const { type: _, ...value } = decoded.value
        assert.deepEqual(value, { ...event, data })
      }),
      { numRuns: 50 },
    )
  })

  test(`${title}: an unknown field is tolerated, a newer version is told apart from a malformed one`, () => {
    fc.assert(
      fc.property(arbitrary, (data) => {
        assert.deepEqual(parse({ ...data, later: { added: true } }), parse(data))
        assert.deepEqual(parse({ ...data, version: 2 }), { kind: 'newer', version: 2 })
        assert.deepEqual(parse({ ...data, kind: 'unheard-of', at: 1, version: 2 }), {
          kind: 'newer',
          version: 2,
        })
        for (const version of [undefined, null, '1', -1, 1.5]) {
          assert.equal(parse({ ...data, version }).kind, 'malformed')
        }
      }),
      { numRuns: 20 },
    )
  })

  test(`${title}: no input makes it throw`, () => {
    fc.assert(
      fc.property(fc.anything(), arbitrary, name, (junk, data, field) => {
        assert.equal(parse(junk).kind, 'malformed')
        parse({ ...data, [field]: junk })
      }),
    )
  })
}

test('a malformed field is named', () => {
  const [some] = fc.sample(observation, 1)
  const bad = { ...some, replicas: { ...some?.replicas, ready: -1 } }
  const parsed = parseObservation(bad)
  assert.equal(parsed.kind, 'malformed')
  assert.match(parsed.problem, /^replicas\.ready: /)
})

test('a transition keeps its id when it comes back from JSON with its keys in another order', () => {
  fc.assert(
    fc.property(transition, (some) => {
      const reordered = Object.fromEntries(Object.entries(some).reverse()) as unknown as RolloutTransition
      assert.equal(transitionMessageId(reordered), transitionMessageId(JSON.parse(JSON.stringify(some))))
    }),
    { numRuns: 30 },
  )
})

test('transitions that differ in anything have different ids', () => {
  fc.assert(
    fc.property(transition, transition, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b)
      assert.equal(transitionMessageId(a) === transitionMessageId(b), same)
      assert.notEqual(transitionMessageId(a), transitionMessageId({ ...a, n: a.n + 1 }))
      assert.notEqual(transitionMessageId(a), transitionMessageId({ ...a, epoch: a.epoch + 1 }))
    }),
    { numRuns: 50 },
  )
})
