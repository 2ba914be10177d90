import assert from 'node:assert/strict'
import { test } from 'node:test'
import { most } from './examine-nats.ts'

test('who fills a stream is named by the subjects that have the most', () => {
  assert.equal(most({ a: 2, b: 250, c: 1, d: 3, e: 9 }), '250 of b, 9 of e, 3 of d')
  assert.equal(most({ 'key.1': 1, 'key.2': 1 }), '', 'a bucket has one of each')
  assert.equal(most(undefined), '')
})
