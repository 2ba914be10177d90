import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startVirtualBed } from '../bench/virtual-bed.ts'
import { transition } from './notification/testdata/rollouts.ts'

const channel = 'C000000000'
const complete = { namespaceAnnotations: {}, phase: 'complete' } as const
const started = transition('started', 1, { namespaceAnnotations: {} })
const succeeded = transition('succeeded', 2, complete)

describe('a receipt', () => {
  it('is of what was sent, not of the news that came meanwhile', async () => {
    const slow = { stored: true, afterMs: 3_000 } as const
    const refused = { answer: { kind: 'retry', reason: 'service_unavailable' } } as const
    await using bed = startVirtualBed(({ method }) => (method === 'post' ? slow : refused))
    await bed.take(started)
    await bed.time.pass(1_000)
    await bed.take(succeeded)
    await bed.time.pass(5_000)
    assert.match(bed.texts(channel)[0] ?? '', /is rolling out/)
    assert.deepEqual(
      bed.receipts.map(({ kind, action }) => [kind, action]),
      [['started', 'posted']],
    )
  })

  it('is given for a post whose answer was lost, once it is found', async () => {
    const lost = { stored: true, answer: { kind: 'unknown', reason: 'no answer in time' } } as const
    await using bed = startVirtualBed(({ method }) => (method === 'post' ? lost : undefined))
    await bed.take(succeeded)
    await bed.time.pass(60_000)
    assert.deepEqual(
      bed.receipts.map(({ kind, action }) => [kind, action]),
      [['succeeded', 'posted']],
    )
  })

  it('follows with the edit where the post that was found says less than the card by now', async () => {
    const lost = { stored: true, answer: { kind: 'unknown', reason: 'no answer in time' } } as const
    await using bed = startVirtualBed(({ method }) => (method === 'post' ? lost : undefined))
    await bed.take(started)
    await bed.take(succeeded)
    await bed.time.pass(60_000)
    assert.deepEqual(
      bed.receipts.map(({ kind, action }) => [kind, action]),
      [['succeeded', 'edited']],
    )
  })
})
