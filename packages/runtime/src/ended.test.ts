import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { ended } from './ended.ts'

test('resolves when the signal is aborted, and not before', async () => {
  const stop = new AbortController()
  const waiting = ended(stop.signal).then(() => 'ended')
  assert.equal(await Promise.race([waiting, setImmediate('goes on')]), 'goes on')
  stop.abort()
  assert.equal(await waiting, 'ended')
})

test('resolves at once where it is aborted already', async () => {
  await ended(AbortSignal.abort())
})
