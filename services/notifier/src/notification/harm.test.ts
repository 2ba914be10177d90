import assert from 'node:assert/strict'
import { test } from 'node:test'
import { harmLine } from './harm.ts'
import { pull } from './testdata/diagnoses.ts'
import { rollout } from './testdata/rollouts.ts'

test('whether anybody is hurt is told by what still serves', () => {
  const told = (wanted: number, available: number, facts: Parameters<typeof rollout>[0] = {}) => {
    const replicas = { wanted, total: wanted, updated: 1, ready: available, available, unavailable: 0 }
    return harmLine(rollout({ ...pull, replicas, ...facts }))
  }
  const change = { ...rollout().change, classes: ['new-deployment' as const] }
  assert.equal(told(5, 0), '*Down*: 0 of 5 pods available.')
  assert.equal(told(1, 0), '*Down*: 0 of 1 pod available.')
  assert.equal(told(5, 4), '*Hurt*: 4 of 5 pods available.')
  assert.equal(told(5, 5), 'Not hurt: 5 of 5 pods of 2.4.0 still serve.')
  assert.equal(told(5, 5, { lastGood: undefined }), 'Not hurt: 5 of 5 pods available.')
  assert.equal(told(5, 0, { change }), 'New, so nothing served before: 0 of 5 pods available.')
  assert.equal(told(0, 0), undefined)
})
