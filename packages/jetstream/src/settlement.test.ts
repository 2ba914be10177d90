import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { NewerVersion } from './outcome.ts'
import { type Attempt, isFault, isWornOut, type Settlement, settle } from './settlement.ts'

const fresh = { faults: 0, waits: 0 }

describe('settle', () => {
  const table: readonly (readonly [string, Attempt, Settlement])[] = [
    ['a done message is acknowledged', { kind: 'done' }, { kind: 'ack' }],
    [
      'a rejected message becomes a dead letter with its reason',
      { kind: 'reject', reason: 'no such thing' },
      { kind: 'dead-letter', reason: 'no such thing' },
    ],
    [
      'a malformed message becomes a dead letter with its problem',
      { kind: 'malformed', problem: 'name: missing' },
      { kind: 'dead-letter', reason: 'malformed: name: missing' },
    ],
    [
      'a retry waits as long as the handler says',
      { kind: 'retry', reason: 'busy', afterMs: 7 },
      { kind: 'wait', delayMs: 7, reason: 'busy', needsUpgrade: false },
    ],
    [
      'an outage that the handler tells of is waited for',
      { kind: 'retry', reason: 'cache is away' },
      { kind: 'wait', delayMs: 100, reason: 'cache is away', needsUpgrade: false },
    ],
    [
      'a message worn out by its deliveries becomes a dead letter',
      { kind: 'worn-out', deliveries: 101 },
      {
        kind: 'dead-letter',
        reason: 'delivered 101 times without an outcome: it may kill its reader',
      },
    ],
  ]
  for (const [name, attempt, expected] of table) {
    test(name, () => {
      assert.deepEqual(settle(attempt, fresh), expected)
    })
  }

  test('an exception is retried five times, then it is a dead letter', () => {
    const threw: Attempt = { kind: 'threw', error: new Error('boom') }
    const settlements = [1, 2, 3, 4, 5, 6].map((faults) => settle(threw, { faults, waits: faults - 1 }))
    assert.deepEqual(settlements, [
      ...[100, 200, 400, 800, 1_600].map((delayMs) => ({
        kind: 'wait',
        delayMs,
        reason: 'boom',
        needsUpgrade: false,
      })),
      { kind: 'dead-letter', reason: 'failed 6 times: boom' },
    ])
  })

  test('whatever is thrown has a reason', () => {
    const settlement = settle({ kind: 'threw', error: 'a text' }, { faults: 6, waits: 0 })
    assert.deepEqual(settlement, { kind: 'dead-letter', reason: 'failed 6 times: a text' })
  })

  test('a newer version says which, and that an upgrade helps', () => {
    const reason = (what: string): string =>
      `${what} has version 3, which this release cannot read: it needs an upgrade`
    const held = { kind: 'wait', delayMs: 5_000, needsUpgrade: true }
    assert.deepEqual(settle({ kind: 'newer', version: 3 }, fresh), { ...held, reason: reason('it') })
    const stored = new NewerVersion('key a', 3)
    assert.deepEqual(settle({ kind: 'threw', error: stored }, fresh), { ...held, reason: reason('key a') })
  })

  test('an outage is looked at less and less often', () => {
    const away: Attempt = { kind: 'retry', reason: 'away' }
    const settlements = [0, 1, 2, 3, 4, 5, 6, 40].map((waits) => settle(away, { faults: 9, waits }))
    assert.deepEqual(
      settlements,
      [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].map((delayMs) => ({
        kind: 'wait',
        delayMs,
        reason: 'away',
        needsUpgrade: false,
      })),
    )
  })

  test('a newer version, in the message or in what is stored, is held however often it was tried', () => {
    const newer = fc.oneof(
      fc.record({ kind: fc.constant('newer' as const), version: fc.integer({ min: 2 }) }),
      fc
        .integer({ min: 2 })
        .map((version): Attempt => ({ kind: 'threw', error: new NewerVersion('x', version) })),
    )
    fc.assert(
      fc.property(newer, fc.nat(), fc.nat(), (attempt, faults, waits) => {
        const settlement = settle(attempt, { faults, waits })
        return settlement.kind === 'wait' && settlement.needsUpgrade
      }),
    )
  })

  test('an outage is waited for without end, never longer than 5 s at a time', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (faults, waits) => {
        const settlement = settle({ kind: 'retry', reason: 'away' }, { faults, waits })
        return settlement.kind === 'wait' && settlement.delayMs > 0 && settlement.delayMs <= 5_000
      }),
    )
  })
})

test('only an exception of unknown cause is the fault of the message', () => {
  assert.equal(isFault({ kind: 'threw', error: new TypeError('x') }), true)
  assert.equal(isFault({ kind: 'threw', error: 'text' }), true)
  assert.equal(isFault({ kind: 'threw', error: new NewerVersion('x', 2) }), false)
  assert.equal(isFault({ kind: 'retry', reason: 'x' }), false)
})

test('the hundredth delivery may still be tried', () => {
  assert.equal(isWornOut(100), false)
  assert.equal(isWornOut(101), true)
})
