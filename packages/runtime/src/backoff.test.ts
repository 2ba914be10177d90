import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backoffMs } from './backoff.ts'

const range = { baseMs: 800, capMs: 30_000 }

test('the longest wait doubles from the base up to the cap', () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 5000].map((attempt) => backoffMs(attempt, 1, range))
  assert.deepEqual(longest, [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
})

test('a wait is anywhere between nothing and the longest', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const waitMs = backoffMs(attempt, random, range)
        assert.ok(waitMs >= 0 && waitMs <= backoffMs(attempt, 1, range))
      },
    ),
  )
  assert.equal(backoffMs(3, 0, range), 0)
  assert.equal(backoffMs(3, 0.5, range), 3200)
})
