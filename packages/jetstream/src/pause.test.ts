import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { pause, retryDelayMs, unlessAborted } from './pause.ts'

describe('unlessAborted', () => {
  const never = new Promise<never>(() => {})

  test('gives what the work gives, as long as nobody aborts', async () => {
    const { signal } = new AbortController()
    assert.equal(await unlessAborted(Promise.resolve(1), signal, undefined), 1)
    await assert.rejects(unlessAborted(Promise.reject(new Error('own')), signal), /own/)
  })

  test('rejects with the reason of whichever signal comes first', async () => {
    const first = new AbortController()
    const second = new AbortController()
    const waiting = unlessAborted(never, first.signal, second.signal)
    second.abort(new Error('second'))
    first.abort(new Error('first'))
    await assert.rejects(waiting, /second/)
    await assert.rejects(unlessAborted(never, undefined, first.signal), /first/)
  })
})

test('a pause ends with the reason of its signal', async () => {
  const abort = new AbortController()
  const pausing = pause(60_000, abort.signal)
  abort.abort(new Error('enough'))
  await assert.rejects(pausing, /enough/)
  await assert.rejects(pause(0, abort.signal), /enough/)
})

test('the delay before a retry grows to a second and is never less than half of its step', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.nat(2_000), random, (tries, chance) => {
      const delay = retryDelayMs(tries, chance)
      return delay >= 25 && delay <= 1_000 && delay >= Math.min(500, 25 * 2 ** tries)
    }),
  )
})
