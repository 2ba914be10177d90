import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDuration, writeDuration } from './duration.ts'

test('what is written is read as the same duration', () => {
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      assert.equal(parseDuration(writeDuration(ms)), ms)
    }),
  )
})

for (const [text, ms] of [
  ['0s', 0],
  ['250ms', 250],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['7d', 604_800_000],
  ['1m500ms', 60_500],
] as const)
  test(`${text} is ${ms} ms`, () => {
    assert.equal(parseDuration(text), ms)
  })

for (const text of ['', '5', '5 s', '-5s', '1.5s', 's', '30s1m', '5sec'])
  test(`'${text.slice(0, 10)}' is no duration`, () => {
    assert.equal(parseDuration(text), undefined)
  })
