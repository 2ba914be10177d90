import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeRange } from './time-range.ts'

test('one point stands in the middle of two minutes', () => {
  assert.deepEqual(timeRange(1_000, 1_000), [940, 1_060])
})

test('many points have a little room at both ends', () => {
  assert.deepEqual(timeRange(1_000, 2_000), [950, 2_050])
})

test('no point at all is no trouble', () => {
  assert.deepEqual(timeRange(undefined, undefined), [-60, 60])
})
