import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerDrift, describeDifference, streamDrift } from './drift.ts'

const wanted = {
  retention: 'limits',
  subjects: ['hermod.x.>'],
  max_age: 6,
  metadata: { 'hermod-partitions': '16' },
}

test('what the server adds, and what is not ours, is no drift', () => {
  const actual = {
    ...wanted,
    metadata: { ...wanted.metadata, '_nats.level': '1', team: 'ours' },
    compression: 's2',
  }
  assert.deepEqual(streamDrift(wanted, actual), { kind: 'none' })
})

test('a limit that somebody changed is repaired', () => {
  assert.deepEqual(streamDrift(wanted, { ...wanted, max_age: 7 }), {
    kind: 'repair',
    differences: [{ field: 'max_age', is: 7, wanted: 6 }],
  })
})

test('a limit the server does not know of yet is repaired', () => {
  const { max_age, ...actual } = wanted
  assert.deepEqual(streamDrift(wanted, actual), {
    kind: 'repair',
    differences: [{ field: 'max_age', is: undefined, wanted: max_age }],
  })
})

for (const [name, change] of Object.entries({
  retention: { retention: 'workqueue' },
  subjects: { subjects: ['hermod.x.>', 'other'] },
  'the number of partitions': { metadata: { 'hermod-partitions': '8' } },
  'missing partitions': { metadata: undefined },
})) {
  test(`${name}, changed, is refused, and nothing else is touched`, () => {
    const drift = streamDrift(wanted, { ...wanted, max_age: 7, ...change })
    assert.equal(drift.kind, 'refuse')
    assert.deepEqual(
      drift.differences.map(({ field }) => field.split('.')[0]),
      Object.keys(change),
    )
  })
}

test('a consumer that reads other subjects is refused, another ack_wait is repaired', () => {
  const consumer = { filter_subject: 'a.1.>', ack_wait: 2 }
  assert.equal(consumerDrift(consumer, { ...consumer, filter_subject: 'a.2.>' }).kind, 'refuse')
  assert.equal(consumerDrift(consumer, { ...consumer, ack_wait: 30 }).kind, 'repair')
})

test('a difference is told with both values', () => {
  assert.equal(
    describeDifference({ field: 'retention', is: 'workqueue', wanted: 'limits' }),
    'retention is "workqueue", wanted "limits"',
  )
  assert.equal(
    describeDifference({ field: 'max_age', is: undefined, wanted: 6 }),
    'max_age is not set, wanted 6',
  )
})
