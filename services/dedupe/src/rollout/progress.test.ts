import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  countsOf,
  deadlineMs,
  furthest,
  progressOf,
  restartsClock,
  sameCounts,
  surpasses,
} from './progress.ts'
import { baseline, settled } from './testdata/trace.ts'

const counts = { wanted: 4, total: 5, updated: 3, ready: 4, available: 4, unavailable: 1 }
const seen = { ...settled, generation: 2, observedGeneration: 2, replicas: counts }
const best = { updated: 3, old: 2, ready: 2, available: 2 }

describe('the counters of an attempt', () => {
  test('count no pod of the template before as updated until the controller has taken it up', () => {
    assert.deepEqual(countsOf(seen, 3), { ...counts, updated: 0 })
    assert.deepEqual(countsOf(seen, 2), counts)
    assert.deepEqual(countsOf(seen, 1), counts)
  })

  for (const [what, replicas, progress] of [
    ['less the old pods, which may all be ready', counts, best],
    ['at least none', { ...counts, ready: 1, available: 0 }, { ...best, ready: 0, available: 0 }],
    ['all, when no old pod is left', { ...counts, total: 3 }, { updated: 3, old: 0, ready: 4, available: 4 }],
    ['all, when the total lags', { ...counts, total: 2 }, { updated: 3, old: 0, ready: 4, available: 4 }],
  ] as const) {
    test(`are its own ready and available ones: ${what}`, () => {
      assert.deepEqual(progressOf({ ...seen, replicas }, 2), progress)
      assert.equal(progressOf({ ...seen, replicas }, 3), undefined)
    })
  }

  for (const [what, now, further] of [
    ['nothing moved', best, false],
    ['one more is updated', { ...best, updated: 4 }, true],
    ['one old is gone', { ...best, old: 1 }, true],
    ['one more is ready', { ...best, ready: 3 }, true],
    ['one more is available', { ...best, available: 3 }, true],
    ['all fell back', { updated: 2, old: 3, ready: 1, available: 1 }, false],
    ['one rose and all others fell back', { updated: 4, old: 3, ready: 1, available: 1 }, true],
  ] as const) {
    test(`${further ? 'go' : 'do not go'} further than ever when ${what}`, () => {
      assert.equal(surpasses(now, best), further)
    })
  }

  test('go as far as each of them ever went', () => {
    const later = { updated: 2, old: 1, ready: 3, available: 1 }
    const both = { updated: 3, old: 1, ready: 3, available: 2 }
    assert.deepEqual(furthest(best, later), both)
    assert.deepEqual(furthest(later, best), both)
  })

  for (const name of ['wanted', 'total', 'updated', 'ready', 'available', 'unavailable'] as const) {
    test(`are others when ${name} is another`, () => {
      assert.equal(sameCounts(counts, { ...counts }), true)
      assert.equal(sameCounts(counts, { ...counts, [name]: 9 }), false)
    })
  }
})

describe('our own progress deadline', () => {
  const tracked = baseline()
  assert.ok(tracked)
  const attempt = { ...tracked, rollout: { ...tracked.rollout, attempt: 2, replicas: counts } }
  const looked = { ...attempt, seen: { ...attempt.seen, observedGeneration: 2 } }
  const notYet = { ...attempt, seen: { ...attempt.seen, observedGeneration: 1 } }
  const paused = { ...looked, rollout: { ...looked.rollout, phase: 'paused' as const } }

  for (const [what, before, now, restarts] of [
    ['nothing happened', looked, seen, false],
    ['a counter moved', looked, { ...seen, replicas: { ...counts, ready: 3 } }, true],
    ['the controller took the attempt up', notYet, { ...seen, replicas: counts }, true],
    ['it was paused', looked, { ...seen, paused: true }, true],
    ['it stays paused', paused, { ...seen, paused: true }, false],
    ['it was resumed', paused, seen, true],
  ] as const) {
    test(`${restarts ? 'begins anew' : 'goes on'} when ${what}`, () => {
      assert.equal(restartsClock(before, now), restarts)
    })
  }

  for (const [what, change, deadline] of [
    ['runs from the last progress', { progressDeadlineSeconds: 20 }, 21_000],
    ['may be at once', { progressDeadlineSeconds: 0 }, 1_000],
    ['runs for no one who set none', { progressDeadlineSeconds: undefined }, undefined],
    [
      "runs for no one who set the API's word for none",
      { progressDeadlineSeconds: 2_147_483_647 },
      undefined,
    ],
    ['stands still while it is paused', { progressDeadlineSeconds: 20, paused: true }, undefined],
  ] as const) {
    test(what, () => {
      assert.equal(deadlineMs({ ...seen, ...change }, { ...tracked.watch, clockMs: 1_000 }), deadline)
    })
  }
})
