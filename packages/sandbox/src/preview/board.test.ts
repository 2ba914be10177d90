import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAnnounced, isNewer, overtakenBy, recordsOf } from './board.ts'
import type { BoardRollout } from './preview-state.ts'

function rollout(facts: Partial<BoardRollout>): BoardRollout {
  return {
    key: 'u1.2',
    deployment: 'shop/checkout',
    uid: 'u1',
    attempt: 2,
    order: [1, 1],
    phase: 'complete',
    reason: 'NewReplicaSetAvailable',
    what: 'new image',
    wanted: 2,
    updated: 2,
    available: 2,
    startedAt: 0,
    endedAt: 12_000,
    ...facts,
  }
}

test('of two states the one with the higher epoch and number counts, and of equal ones the later', () => {
  const state = rollout({ order: [2, 3] })
  assert.equal(isNewer(rollout({ order: [2, 4] }), state), true)
  assert.equal(isNewer(rollout({ order: [2, 3] }), state), true)
  assert.equal(isNewer(rollout({ order: [2, 2] }), state), false)
  assert.equal(isNewer(rollout({ order: [1, 9] }), state), false)
  assert.equal(isNewer(state, undefined), true)
})

test('how a Deployment stood when Hermod first saw it is no rollout', () => {
  assert.equal(isAnnounced({ n: 0 }), false)
  assert.equal(isAnnounced({ n: 1 }), true)
})

test('a record holds what came of rollouts: those that went on to something else are left out', () => {
  const records = recordsOf([
    rollout({ endedAt: 30_000, startedAt: 10_000 }),
    rollout({}),
    rollout({ phase: 'failed' }),
    rollout({ phase: 'superseded' }),
    rollout({ phase: 'progressing', deployment: 'shop/cart' }),
  ])
  assert.deepEqual(records, [
    {
      deployment: 'shop/checkout',
      succeeded: 2,
      failed: 1,
      durations: [
        { endedAt: 12_000, seconds: 12 },
        { endedAt: 30_000, seconds: 20 },
      ],
    },
  ])
})

test('a later attempt ends what was under way before it, of its own Deployment alone', () => {
  const { endedAt: _endedAt, ...underWay } = rollout({ phase: 'progressing' })
  const other = { ...underWay, key: 'u2.1', uid: 'u2', deployment: 'shop/cart' }
  const newer = rollout({ key: 'u1.3', attempt: 3, startedAt: 5_000 })
  const ended = overtakenBy(newer, [underWay, other, newer])
  assert.deepEqual(
    ended.map(({ key, phase, endedAt }) => [key, phase, endedAt]),
    [['u1.2', 'superseded', 5_000]],
  )
  assert.deepEqual(overtakenBy(underWay, [{ ...underWay, key: 'u1.3', attempt: 3 }]), [])
})
