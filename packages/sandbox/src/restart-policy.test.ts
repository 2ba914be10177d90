import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideRestart } from './restart-policy.ts'

test('a process that dies once is back after a fifth of a second', () => {
  const decision = decideRestart({ exitCode: null, ranMs: 60_000, failures: 0 })
  assert.deepEqual(decision, { kind: 'restart', afterMs: 200, failures: 1 })
})

test('a crash loop is restarted ever more slowly, but never less than every 10 s', () => {
  const delays: number[] = []
  for (let failures = 0, round = 0; round < 9; round++) {
    const decision = decideRestart({ exitCode: 1, ranMs: 50, failures })
    assert.equal(decision.kind, 'restart')
    delays.push(decision.afterMs)
    failures = decision.failures
  }
  assert.deepEqual(delays, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
})

test('half a minute of life ends a crash loop', () => {
  const decision = decideRestart({ exitCode: 1, ranMs: 30_000, failures: 7 })
  assert.deepEqual(decision, { kind: 'restart', afterMs: 200, failures: 1 })
})

test('what only a person can mend is not tried again', () => {
  assert.deepEqual(decideRestart({ exitCode: 2, ranMs: 50, failures: 0 }), { kind: 'give-up' })
})
