import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BudgetLedger, noBudgets } from './budgets.ts'

const perSecond = { perMinute: 60, burst: 3 }

test('a burst is served at once, then the even rate, and the wait is in whole seconds', () => {
  const ledger = new BudgetLedger()
  const take = (now: number) => ledger.take([{ key: 'a', budget: perSecond }], now)
  assert.deepEqual([take(0), take(0), take(0)], [0, 0, 0])
  assert.deepEqual([take(0), take(999), take(1_000), take(1_000)], [1, 1, 0, 1])
})

test('a bucket never holds more than its burst', () => {
  const ledger = new BudgetLedger()
  const take = (now: number) => ledger.take([{ key: 'a', budget: perSecond }], now)
  take(0)
  assert.deepEqual(
    [1, 2, 3, 4].map(() => take(3_600_000)),
    [0, 0, 0, 1],
  )
})

test('a call that one of its buckets refuses costs the other nothing', () => {
  const ledger = new BudgetLedger()
  const own = { key: 'own', budget: perSecond }
  const all = { key: 'all', budget: { perMinute: 6, burst: 1 } }
  assert.equal(ledger.take([own, all], 0), 0)
  assert.equal(ledger.take([own, all], 0), 10)
  assert.deepEqual([ledger.take([own], 0), ledger.take([own], 0), ledger.take([own], 0)], [0, 0, 1])
})

test('without budgets nothing is refused', () => {
  const ledger = new BudgetLedger()
  const waits = Array.from({ length: 1_000 }, () => ledger.take([{ key: 'a', budget: noBudgets.posts }], 0))
  assert.equal(Math.max(...waits), 0)
})
