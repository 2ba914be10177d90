import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startVirtualBed } from '../bench/virtual-bed.ts'
import { transition } from './notification/testdata/rollouts.ts'

const quiet = { 'hermod.uswitch.com/alert': 'failure' }

test('a card that has nothing to say, or has said it, leaves no mark that it is open', async () => {
  await using bed = startVirtualBed(() => undefined)
  for (const annotations of [quiet, {}]) {
    const facts = { name: `app-${Object.keys(annotations).length}`, namespaceAnnotations: {}, annotations }
    await bed.take(transition('started', 1, facts))
    await bed.time.pass(3_000)
    await bed.take(transition('succeeded', 2, { ...facts, phase: 'complete' }))
    await bed.time.pass(30_000)
    await bed.take(transition('deleted', 3, { ...facts, phase: 'deleted' }))
    await bed.time.pass(30_000)
  }
  assert.deepEqual(bed.nats.keys('open.'), [])
})
