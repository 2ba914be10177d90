import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outage } from './outage.ts'

test('the first answer after nobody got one for five seconds ends an outage, once', () => {
  const outage = new Outage()
  outage.unanswered(1_000)
  outage.unanswered(5_900)
  assert.equal(outage.answered(6_000), true)
  assert.equal(outage.answered(6_001), false)
})

test('a call that goes wrong while others are answered is no outage', () => {
  const outage = new Outage()
  assert.equal(outage.answered(0), false)
  for (let now = 0; now < 60_000; now += 4_000) {
    outage.unanswered(now)
    assert.equal(outage.answered(now + 3_999), false)
  }
})
