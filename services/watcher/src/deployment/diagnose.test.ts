import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CoreV1Event, V1Deployment, V1Pod } from '@kubernetes/client-node'
import { readFixture, testDigester } from '../testing/fixtures.ts'
import { diagnose, type Evidence, kindOfDiagnosis } from './diagnose.ts'
import { observeDeployment } from './observe.ts'
import { isUnexplained, observePod, type PodFacts } from './pod-facts.ts'
import { observeWarning } from './warning-facts.ts'

const calm: Evidence = {
  replicas: { wanted: 2, total: 2, updated: 2, ready: 2, available: 2, unavailable: 0 },
  conditions: [],
  containers: [],
  newPods: [],
  oldPods: [],
  warnings: new Map(),
}

function pod(name: string, uid = name): PodFacts {
  const facts = observePod(readFixture<V1Pod>(name))
  assert.ok(facts)
  return { ...facts, uid }
}

const table: readonly [fixture: string, reason: string, message: RegExp, container: string | undefined][] = [
  ['pod-image-pull-back-off', 'ImagePullBackOff', /cart:bad/, 'app'],
  ['pod-crash-loop', 'CrashLoopBackOff', /back-off .* restarting failed container/, 'app'],
  ['pod-unschedulable', 'Unschedulable', /nodes are available/, undefined],
  ['pod-config-error', 'CreateContainerConfigError', /not found/, 'app'],
]

for (const [fixture, reason, message, container] of table) {
  test(`a pod says what is wrong with it: ${reason}`, () => {
    const diagnosis = diagnose({ ...calm, newPods: [pod(fixture)] })
    const [cause] = diagnosis?.causes ?? []
    assert.equal(cause?.reason, reason)
    assert.match(cause?.message ?? '', message)
    assert.equal(cause?.container?.name, container)
    assert.equal(cause?.pods, 1)
  })
}

test('a crash tells how the container ended, and how often it was restarted', () => {
  const [cause] = diagnose({ ...calm, newPods: [pod('pod-crash-loop')] })?.causes ?? []
  assert.equal(cause?.lastTermination?.reason, 'OOMKilled')
  assert.equal(cause?.lastTermination?.exitCode, 137)
  assert.ok(cause?.restarts && cause.restarts >= 2)
})

test('a container that ends with 0 again and again is told as that', () => {
  const { spec, status, metadata } = readFixture<V1Pod>('pod-crash-loop')
  const [container] = status?.containerStatuses ?? []
  const lastState = { terminated: { exitCode: 0, finishedAt: '2026-01-01T00:00:00Z' } }
  const facts = observePod({
    metadata,
    spec,
    status: { ...status, containerStatuses: [{ ...container, lastState }] },
  })
  assert.deepEqual(facts?.troubles[0]?.lastTermination, {
    reason: 'Completed',
    exitCode: 0,
    finishedAt: '2026-01-01T00:00:00Z',
  })
})

test('an init container that did its work is no trouble', () => {
  const { metadata } = readFixture<V1Pod>('pod-ready')
  const done = { name: 'migrate', ready: false, state: { terminated: { exitCode: 0 } } }
  assert.deepEqual(observePod({ metadata, status: { initContainerStatuses: [done] } })?.troubles, [])
})

for (const fixture of ['pod-ready', 'pod-mount-fails', 'pod-never-ready']) {
  test(`what may still come up is no diagnosis by itself: ${fixture}`, () => {
    assert.equal(diagnose({ ...calm, newPods: [pod(fixture)] }), undefined)
  })
}

for (const [fixture, event, reason] of [
  ['pod-never-ready', 'event-unhealthy', 'Unhealthy'],
  ['pod-mount-fails', 'event-failedmount', 'FailedMount'],
] as const) {
  test(`where the status is silent a Warning Event says why: ${reason}`, () => {
    const warning = observeWarning(readFixture<CoreV1Event>(event))
    assert.ok(warning)
    const warnings = new Map([[fixture, [warning]]])
    const [cause] = diagnose({ ...calm, newPods: [pod(fixture)], warnings })?.causes ?? []
    assert.equal(cause?.reason, reason)
    assert.ok(cause?.message)
  })
}

test('a container that crashes because its liveness probe has it killed is told with what the probe said', () => {
  const unhealthy = observeWarning(readFixture<CoreV1Event>('event-unhealthy'))
  assert.ok(unhealthy)
  const crashing = pod('pod-crash-loop')
  const troubles = crashing.troubles.map((trouble) => {
    return { ...trouble, lastTermination: { reason: 'Error', exitCode: 143 } }
  })
  const killed = { ...crashing, troubles }
  assert.ok(isUnexplained(killed))
  assert.ok(!isUnexplained(crashing), 'an OOMKilled one needs no Event')
  const reasonsWith = (message: string): readonly string[] => {
    const warnings = new Map([[killed.uid, [{ ...unhealthy, message }]]])
    return (diagnose({ ...calm, newPods: [killed], warnings })?.causes ?? []).map(({ reason }) => reason)
  }
  assert.deepEqual(reasonsWith('Liveness probe failed: 500'), ['CrashLoopBackOff', 'Unhealthy'])
  assert.deepEqual(reasonsWith('Readiness probe failed: 500'), ['CrashLoopBackOff'])
})

test('a warning about a container is told with the image and the role that the template gives it', () => {
  const warning = observeWarning(readFixture<CoreV1Event>('event-unhealthy'))
  assert.ok(warning)
  const plain = { envNames: [], requests: {}, limits: {}, probes: [] }
  const containers = [{ name: 'app', role: 'container', image: 'cart:unready', ...plain } as const]
  const warnings = new Map([['pod-never-ready', [warning]]])
  const [cause] = diagnose({ ...calm, containers, newPods: [pod('pod-never-ready')], warnings })?.causes ?? []
  assert.deepEqual(cause?.container, { name: 'app', role: 'container', image: 'cart:unready' })
})

test('one cause of many pods is told once with its count, in the words of its last step', () => {
  const pulling = pod('pod-image-pull-back-off', 'first')
  const [trouble] = pulling.troubles
  assert.ok(trouble)
  const early = { ...pulling, uid: 'second', troubles: [{ ...trouble, reason: 'ErrImagePull' }] }
  const diagnosis = diagnose({ ...calm, newPods: [early, pulling, pod('pod-unschedulable')] })
  assert.deepEqual(
    diagnosis?.causes.map(({ reason, pods }) => [reason, pods]),
    [
      ['ImagePullBackOff', 2],
      ['Unschedulable', 1],
    ],
  )
})

test('old pods that fail alike are counted: then it may not be this deploy', () => {
  const oldPods = [pod('pod-crash-loop', 'old'), pod('pod-ready', 'old too')]
  const diagnosis = diagnose({ ...calm, newPods: [pod('pod-crash-loop')], oldPods })
  assert.equal(diagnosis?.oldPodsFailingAlike, 1)
  assert.equal(diagnosis?.oldPods, 2)
})

test('a quota that lets no pod be made is told by the condition of the Deployment', () => {
  const facts = observeDeployment(readFixture<V1Deployment>('deployment-quota'), {
    digester: testDigester,
    commitShaAnnotation: '',
    repoUrlAnnotation: '',
  })
  const [cause] = diagnose({ ...calm, ...facts })?.causes ?? []
  assert.equal(cause?.reason, 'FailedCreate')
  assert.match(cause?.message ?? '', /exceeded quota/)
  assert.equal(cause?.pods, 2)
})

test('at most three causes are told', () => {
  const fixtures = table.map(([fixture]) => pod(fixture))
  assert.equal(diagnose({ ...calm, newPods: fixtures })?.causes.length, 3)
})

test('a text is cut at 500, never inside a character', () => {
  const unschedulable = readFixture<V1Pod>('pod-unschedulable')
  const conditions = [
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '👩‍👩‍👧'.repeat(200) },
  ]
  const facts = observePod({ ...unschedulable, status: { ...unschedulable.status, conditions } })
  assert.ok(facts)
  const message = diagnose({ ...calm, newPods: [facts] })?.causes[0]?.message ?? ''
  assert.ok(message.length <= 500)
  assert.match(message, /^(?:👩‍👩‍👧)+…$/u)
})

test('the kind of a diagnosis changes with reason and second restart, not with counts', () => {
  const once = diagnose({ ...calm, newPods: [pod('pod-crash-loop')] })
  const twice = diagnose({ ...calm, newPods: [pod('pod-crash-loop'), pod('pod-crash-loop', 'another')] })
  assert.equal(kindOfDiagnosis(once), kindOfDiagnosis(twice))
  assert.notEqual(kindOfDiagnosis(once), kindOfDiagnosis(undefined))
  const fewer = once && { ...once, causes: once.causes.map((cause) => ({ ...cause, restarts: 1 })) }
  assert.notEqual(kindOfDiagnosis(once), kindOfDiagnosis(fewer))
})
