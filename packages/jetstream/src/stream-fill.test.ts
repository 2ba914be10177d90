import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeFill } from './stream-fill.ts'

test('a fill is told in whole percent', () => {
  assert.equal(describeFill(0), '0 % full')
  assert.equal(describeFill(0.706), '71 % full')
})
