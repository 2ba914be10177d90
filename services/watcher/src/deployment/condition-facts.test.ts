import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditionFacts, conditionsOfNew } from './condition-facts.ts'

const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }
const deployment = { conditions: [failure], generation: 4, observedGeneration: 4 }

test('the new ReplicaSet speaks for itself: a failure of an old one is not its own', () => {
  assert.deepEqual(conditionsOfNew(deployment, { conditions: [] }), [])
  assert.deepEqual(conditionsOfNew({ ...deployment, conditions: [] }, { conditions: [failure] }), [failure])
})

test('where ReplicaSets may not be read the Deployment speaks, once its generation was observed', () => {
  assert.deepEqual(conditionsOfNew(deployment, undefined), [failure])
  assert.deepEqual(conditionsOfNew({ ...deployment, generation: 5 }, undefined), [])
})

test('a condition is bounded, whoever wrote it, and what it lacks is empty', () => {
  const [told] = conditionFacts([{ type: 'x'.repeat(5_000), reason: null, message: 'é'.repeat(5_000) }])
  assert.equal(told?.type.length, 100)
  assert.equal(told?.message.length, 500)
  assert.equal(told?.reason, '')
  assert.equal(conditionFacts(Array.from({ length: 50 }, () => failure)).length, 10)
})
