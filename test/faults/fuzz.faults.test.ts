import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from '../fuzz/fuzz.ts'

const inputs = 20_000

test(`${inputs} wrong inputs do no harm at any door`, async () => {
  assert.deepEqual(await fuzz({ seed: 2, count: inputs, patience: 4 }), [])
})
