import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buckets, consumersFor, streams } from './streams.ts'

test('every partition has one consumer of dedupe and one of the notifier', () => {
  const consumers = consumersFor(16)
  assert.equal(new Set(consumers.map(({ name }) => name)).size, consumers.length)
  for (const [prefix, stream] of [
    ['dedupe', streams.observations.name],
    ['notifier', streams.rollouts.name],
  ]) {
    const mine = consumers.filter(({ name }) => name.startsWith(`${prefix}-`))
    assert.equal(mine.length, 16)
    assert.ok(mine.every((consumer) => consumer.stream === stream && consumer.maxAckPending === 1))
    assert.equal(new Set(mine.map(({ filterSubject }) => filterSubject)).size, 16)
  }
})

test('every reader has a consumer of its own, which is told all transitions', () => {
  const [reader, ...others] = consumersFor(16, ['reader']).filter(({ name }) => name === 'reader')
  assert.deepEqual([reader?.stream, reader?.filterSubject], ['ROLLOUTS', 'hermod.rollout.>'])
  assert.deepEqual(others, [])
})

test('the server accepts the limits: a duplicate window within the age, a message within the stream', () => {
  for (const stream of Object.values(streams)) {
    assert.ok(stream.duplicateWindowMs <= stream.maxAgeMs, stream.name)
    assert.ok(stream.maxMessageBytes < stream.maxBytes, stream.name)
  }
  for (const bucket of Object.values(buckets)) assert.ok(bucket.maxValueBytes < bucket.maxBytes, bucket.name)
})
