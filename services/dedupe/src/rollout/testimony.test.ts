import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentCondition, DeploymentObservation } from '@hermod/contracts'
import { areOfAttemptBefore, fingerprint, testimonyOf } from './conditions.ts'
import { beganMs, settled } from './testdata/trace.ts'

const startedAt = new Date(beganMs).toISOString()
const refusal: DeploymentCondition = {
  type: 'ReplicaFailure',
  status: 'True',
  reason: 'FailedCreate',
  message: 'pods "web-b-x7" is forbidden: exceeded quota',
}
const newReplicaSet = { name: 'web-b', uid: 'r', podTemplateHash: 'b', creationTimestamp: startedAt }

function seenWith(change: Partial<DeploymentObservation>, ...conditions: readonly DeploymentCondition[]) {
  const replicas = { ...settled.replicas, updated: 0 }
  return {
    ...settled,
    generation: 2,
    observedGeneration: 2,
    replicas,
    conditions: [...conditions],
    ...change,
  }
}

describe('a refusal of pods', () => {
  const inherited = { replicaFailure: fingerprint(refusal) }
  const updated = { replicas: { ...settled.replicas, updated: 1 } }

  for (const [what, seen, known, is] of [
    ['nobody was refused', seenWith({}), {}, 'nothing'],
    ['it came with this attempt', seenWith({}, refusal), {}, 'own'],
    ['it stood before, and no pod came', seenWith({}, refusal), inherited, 'lingering'],
    ['it stood before, and a pod came', seenWith(updated, refusal), inherited, 'nothing'],
    [
      'it stood before, and nobody looked',
      seenWith({ observedGeneration: 1 }, refusal),
      inherited,
      'nothing',
    ],
    ['it stood before in other words', seenWith({}, { ...refusal, message: 'other' }), inherited, 'own'],
    ['it names a pod of this ReplicaSet', seenWith({ newReplicaSet }, refusal), {}, 'own'],
    [
      'it names a pod of another',
      seenWith({ newReplicaSet: { ...newReplicaSet, name: 'web-c' } }, refusal),
      {},
      'lingering',
    ],
    [
      'it names one pod',
      seenWith({ newReplicaSet }, { ...refusal, message: 'Pod "web-c-1" is forbidden' }),
      {},
      'lingering',
    ],
    ['it names nobody', seenWith({ newReplicaSet }, { ...refusal, message: 'exceeded quota' }), {}, 'own'],
  ] as const) {
    test(`is ${is} when ${what}`, () => {
      const { replicaFailure, lingering } = testimonyOf(seen, { inherited: known, startedAt }, beganMs)
      assert.equal(replicaFailure !== undefined, is === 'own')
      assert.equal(lingering !== undefined, is === 'lingering')
    })
  }
})

describe('the pod of a ReplicaSet whose name is long', () => {
  test('is known by as much of the name as Kubernetes keeps', () => {
    const name = 'w'.repeat(70)
    const seen = (pod: string) =>
      seenWith(
        { newReplicaSet: { ...newReplicaSet, name } },
        { ...refusal, message: `pods "${pod}" is forbidden` },
      )
    const own = (pod: string) => testimonyOf(seen(pod), { inherited: {}, startedAt }, beganMs).replicaFailure
    assert.ok(own(`${'w'.repeat(58)}x7k2p`))
    assert.equal(own(`${'w'.repeat(57)}-x7k2p`), undefined)
  })
})

describe('a deadline that is over', () => {
  const over: DeploymentCondition = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'it timed out',
  }
  const progressingAt = (atMs: number, change: Partial<DeploymentObservation> = {}, said = over) =>
    testimonyOf(
      seenWith({ progressDeadlineSeconds: 20, ...change }, said),
      { inherited: {}, startedAt },
      beganMs + atMs,
    ).progressing

  for (const [what, progressing, believed] of [
    ['as soon as it can be', progressingAt(19_000), true],
    ['before that', progressingAt(18_999), false],
    ['of a rollout without one', progressingAt(10 ** 9, { progressDeadlineSeconds: undefined }), false],
    [
      'where something else is said early',
      progressingAt(0, {}, { ...over, reason: 'ReplicaSetUpdated' }),
      true,
    ],
  ] as const) {
    test(`is ${believed ? '' : 'not '}believed ${what}`, () => {
      assert.equal(progressing !== undefined, believed)
    })
  }
})

describe('conditions', () => {
  const progressing = (reason: string): DeploymentCondition => ({
    type: 'Progressing',
    status: 'True',
    reason,
    message: 'm',
    lastUpdateTime: '2026-11-22T12:00:00Z',
  })

  for (const [what, seen, before] of [
    ['not looked at yet', seenWith({ observedGeneration: 1 }, progressing('NewReplicaSetAvailable')), true],
    ['without conditions', seenWith({ observedGeneration: 1 }), true],
    ['looked at', seenWith({}, progressing('NewReplicaSetAvailable')), false],
    [
      'whose ReplicaSet cannot be made',
      seenWith({ observedGeneration: 1 }, progressing('ReplicaSetCreateError')),
      false,
    ],
  ] as const) {
    test(`of an attempt ${what} are ${before ? 'of the one before' : 'its own'}`, () => {
      assert.equal(areOfAttemptBefore(seen, 2), before)
    })
  }

  test('are told apart by all that they say, and when', () => {
    const one = progressing('a')
    const others = [{ status: 'False' }, { reason: 'b' }, { message: 'n' }, { lastUpdateTime: 'x' }] as const
    for (const other of others) assert.notEqual(fingerprint({ ...one, ...other }), fingerprint(one))
    assert.equal(fingerprint({ ...one }), fingerprint(one))
    assert.equal(fingerprint(undefined), undefined)
    assert.equal(fingerprint(refusal), 'True FailedCreate  pods "web-b-x7" is forbidden: exceeded quota')
  })
})
