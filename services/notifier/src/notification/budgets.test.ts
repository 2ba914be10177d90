import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Budgets } from './budgets.ts'

describe('posts', () => {
  it('go out in a short burst of results, then one a second', () => {
    const budgets = new Budgets({ editsPerMinute: 50 })
    const sent: number[] = []
    for (let now = 0; sent.length < 7; now = Math.max(now, budgets.postAt('C1', 'result', now))) {
      if (budgets.postAt('C1', 'result', now) > now) continue
      budgets.post('C1', now)
      sent.push(now)
    }
    assert.deepEqual(sent, [0, 0, 0, 0, 1000, 2000, 3000])
  })

  it('of starts go one a second', () => {
    const budgets = new Budgets({ editsPerMinute: 50 })
    budgets.post('C1', 0)
    assert.equal(budgets.postAt('C1', 'start', 0), 1000)
    assert.ok(budgets.postAt('C1', 'result', 0) <= 0)
  })

  it('of one channel do not slow another', () => {
    const budgets = new Budgets({ editsPerMinute: 50 })
    for (let sent = 0; sent < 4; sent++) budgets.post('C1', 0)
    assert.ok(budgets.postAt('C2', 'start', 0) <= 0)
  })

  it('to a refused channel wait, and all wait when a second one is refused meanwhile', () => {
    const budgets = new Budgets({ editsPerMinute: 50 })
    budgets.postRefused('C1', 10_000, 0)
    assert.equal(budgets.postAt('C1', 'result', 0), 10_000)
    assert.ok(budgets.postAt('C2', 'result', 0) <= 0)
    budgets.postRefused('C2', 5_000, 1_000)
    assert.equal(budgets.postAt('C3', 'result', 1_000), 6_000)
  })
})

describe('starts', () => {
  it('are a crowd sooner where fewer edits are allowed', () => {
    const heldMs = [60, 600].map((editsPerMinute) => {
      const budgets = new Budgets({ editsPerMinute })
      for (let started = 0; started < 12; started++) {
        assert.ok(budgets.startAt(0) <= 0)
        budgets.start(0)
      }
      return budgets.startAt(0)
    })
    assert.deepEqual(heldMs, [200, 20])
  })
})

describe('edits', () => {
  it('of progress leave some to news', () => {
    const budgets = new Budgets({ editsPerMinute: 60 })
    for (let sent = 0; sent < 4; sent++) budgets.edit(0)
    assert.ok(budgets.editAt(true, 0) > 0)
    assert.ok(budgets.editAt(false, 0) <= 0)
  })

  it('pause everywhere when one is refused', () => {
    const budgets = new Budgets({ editsPerMinute: 50 })
    budgets.editRefused(3_000, 0)
    assert.equal(budgets.editAt(false, 0), 3_000)
  })

  it('never exceed the rate by more than the burst, and use at least nine tenths of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), (editsPerMinute) => {
        const budgets = new Budgets({ editsPerMinute })
        let sent = 0
        for (let now = 0; now < 600_000; now = Math.max(now + 1, budgets.editAt(false, now + 1))) {
          if (budgets.editAt(false, now) > now) continue
          budgets.edit(now)
          sent++
        }
        assert.ok(sent <= 10 * editsPerMinute + 8)
        assert.ok(sent >= 9 * editsPerMinute)
      }),
      { numRuns: 50 },
    )
  })
})
