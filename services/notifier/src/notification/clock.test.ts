import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockTime, secondsBetween, span } from './clock.ts'

test('a span is told in its two largest units, and one that is too short for any in words', () => {
  const cases: readonly [number, string][] = [
    [0, 'under 1 s'],
    [0.4, 'under 1 s'],
    [1, '1 s'],
    [60, '1 m'],
    [72, '1 m 12 s'],
    [3_600, '1 h'],
    [3_672, '1 h 1 m'],
    [259_200, '3 d'],
  ]
  for (const [seconds, text] of cases) assert.equal(span(seconds), text)
})

test('a clock that goes back makes no negative span', () => {
  assert.equal(secondsBetween('2026-11-22T12:00:10Z', '2026-11-22T12:00:00Z'), 0)
})

test('a clock time is Slack’s own, with UTC for whoever cannot show it', () => {
  assert.equal(clockTime('2026-11-22T14:32:00Z'), '<!date^1795357920^{time}|14:32 UTC>')
})
