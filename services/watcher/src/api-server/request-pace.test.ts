import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RequestPace } from './request-pace.ts'

const pace = { aSecond: 25, atOnce: 15 }

test('no second sees more requests than the pace allows, however they come', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { minLength: 50, maxLength: 300 }), (gaps) => {
      let now = 0
      const turns = new RequestPace(pace, () => now)
      const sent = gaps.map((gap) => {
        now += gap % 3 === 0 ? gap : 0
        return now + turns.reserve()
      })
      for (const from of sent) assert.ok(sent.filter((at) => at >= from && at < from + 1_000).length <= 41)
    }),
    { numRuns: 30 },
  )
})

test('a few requests at once need not wait', () => {
  const turns = new RequestPace(pace, () => 0)
  assert.deepEqual(
    Array.from({ length: 14 }, () => turns.reserve()),
    Array(14).fill(0),
  )
  assert.ok(Array.from({ length: 3 }, () => turns.reserve()).at(-1))
})
