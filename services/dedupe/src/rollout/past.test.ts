import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noPast, typicalSeconds, withAttempt, withFailure, withGoneUid, withSuccess } from './past.ts'
import type { Past, Tracked } from './rollout.ts'
import { baseline } from './testdata/trace.ts'

const known = baseline()
assert.ok(known)

const attempt = (digest: string, revision: string, past: Past): Tracked => ({
  ...known,
  voice: 'announced',
  past,
  template: { ...known.template, digest },
  rollout: {
    ...known.rollout,
    revision,
    times: { ...known.rollout.times, startedAt: '2026-11-22T12:00:00.000Z' },
  },
})

describe('the templates that a rollback may bring back', () => {
  const after = (digests: string): readonly (string | undefined)[] => {
    let past = noPast
    for (const [index, digest] of digests.split('').entries())
      past = withAttempt(attempt(digest, String(index + 1), past))
    return past.templates.map(({ digest, revision }) => `${digest}${revision}`)
  }

  test('are those of the attempts that ended, the newest last', () => {
    assert.deepEqual(after('ABC'), ['A1', 'B2', 'C3'])
  })

  test('stand there once, with the revision that they had last', () => {
    assert.deepEqual(after('ABA'), ['B2', 'A3'])
  })

  test('are the last ten', () => {
    assert.deepEqual(after('ABCDEFGHIJKL'), ['C3', 'D4', 'E5', 'F6', 'G7', 'H8', 'I9', 'J10', 'K11', 'L12'])
  })
})

describe('how long a rollout takes', () => {
  const taken = (...seconds: readonly number[]): Past =>
    seconds.reduce<Past>(
      (past, each) =>
        withSuccess(attempt('A', '1', past), new Date(Date.UTC(2026, 10, 22, 12, 0, each)).toISOString()),
      noPast,
    )

  for (const [seconds, typical] of [
    [[], undefined],
    [[7], 7],
    [[9, 10], 10],
    [[30, 4, 100], 30],
    [[100, 9, 20, 1000], 100],
    [[900, 900, 1, 2, 3, 4, 5, 6, 7], 4],
  ] as const) {
    test(`is ${typical ?? 'not known'} s after ${seconds.join(', ') || 'none'}`, () => {
      assert.equal(typicalSeconds(taken(...seconds)), typical)
    })
  }

  test('is not known of one that was found finished', () => {
    const found = withSuccess({ ...attempt('A', '1', noPast), voice: 'baseline' }, '2026-11-22T12:00:09.000Z')
    assert.deepEqual(found.secondsTaken, [])
    assert.equal(found.good?.version.tookSeconds, undefined)
    assert.equal(found.good?.version.finishedAt, '2026-11-22T12:00:09.000Z')
  })
})

describe('an outage', () => {
  const failed = withFailure(attempt('B', '2', noPast), '2026-11-22T12:00:00.000Z')

  test('lasts from the first failure to the next success, and is then over', () => {
    const twice = withFailure(attempt('C', '3', failed), '2026-11-22T12:05:00.000Z')
    const over = withSuccess(attempt('D', '4', twice), '2026-11-22T12:10:00.000Z')
    assert.equal(over.outageSeconds, 600)
    assert.equal(over.failedSince, undefined)
    assert.equal(withSuccess(attempt('E', '5', over), '2026-11-22T12:20:00.000Z').outageSeconds, undefined)
  })
})

describe('uids that are gone', () => {
  test('stand there once, the last eight of them', () => {
    const uids = 'abcdefghij'.split('')
    const past = [...uids, 'j', 'i'].reduce(withGoneUid, noPast)
    assert.deepEqual(past.goneUids, 'cdefghij'.split(''))
    assert.equal(withGoneUid(past, 'j'), past)
  })
})
