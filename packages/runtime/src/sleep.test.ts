import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { sleep } from './sleep.ts'

test('lasts as long as it was told', async () => {
  const started = performance.now()
  await sleep(30)
  assert.ok(performance.now() - started >= 29)
})

test('ends at once when the signal is aborted, before or during it', async () => {
  const stop = new AbortController()
  const started = performance.now()
  const sleeping = sleep(60_000, stop.signal)
  stop.abort()
  await sleeping
  await sleep(60_000, stop.signal)
  assert.ok(performance.now() - started < 30_000)
})

test('leaves no listener behind', async () => {
  const { signal } = new AbortController()
  await sleep(1, signal)
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

test('a wait of more than 25 days is not cut to none', async () => {
  const stop = new AbortController()
  const first = await Promise.race([
    sleep(2 ** 31, stop.signal).then(() => 'long'),
    sleep(20).then(() => 'short'),
  ])
  stop.abort()
  assert.equal(first, 'short')
})
