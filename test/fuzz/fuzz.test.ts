import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entryPoints } from './entry-points.ts'
import { fuzz } from './fuzz.ts'

test('no input from outside throws or takes long, at 20 entry points and more', () => {
  assert.ok(entryPoints.length >= 20)
  assert.deepEqual(fuzz(1, 2_000, 10), [])
})
