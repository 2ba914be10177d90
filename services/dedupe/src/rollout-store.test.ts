import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bucket } from '@hermod/jetstream'
import { baseline } from './rollout/testdata/trace.ts'
import { createRolloutStore } from './rollout-store.ts'
import { parseStored, type StoredState, writeStored } from './stored-rollout.ts'

const key = '3.default.shop.web'
const signal = new AbortController().signal
const tracked = baseline()
assert.ok(tracked)
const stored = parseStored(JSON.parse(JSON.stringify(writeStored({ tracked, outbox: [], lastSeen: 'a' }))))

/** Loads the key at each delivery and tells which of them had to ask the bucket. */
async function asked(deliveries: readonly (readonly [deliverySequence: number, link: AbortSignal])[]) {
  assert.ok(stored.kind === 'ok')
  let loads = 0
  const load: Bucket<StoredState>['load'] = async () => {
    loads++
    return { value: stored.value, kvRevision: 1 }
  }
  await using store = createRolloutStore({ load } as Bucket<StoredState>)
  const tell: boolean[] = []
  for (const [deliverySequence, link] of deliveries) {
    const before = loads
    store.follow({ subject: 'hermod.observation.3.default.shop.web', deliverySequence }, link)
    await store.load(key, signal)
    tell.push(loads > before)
  }
  return tell
}

const [link, later] = [new AbortController().signal, new AbortController().signal]

test('a state is read once while each message of its partition comes here', async () => {
  assert.deepEqual(
    await asked([
      [7, link],
      [8, link],
      [9, link],
    ]),
    [true, false, false],
  )
})

test('a state is read again when another replica had a message between', async () => {
  assert.deepEqual(
    await asked([
      [7, link],
      [9, link],
      [10, link],
    ]),
    [true, true, false],
  )
})

test('a state is read again after a delivery that comes a second time', async () => {
  assert.deepEqual(
    await asked([
      [7, link],
      [7, link],
    ]),
    [true, true],
  )
})

test('a state is read again over a new link, whose server may count forgotten deliveries anew', async () => {
  assert.deepEqual(
    await asked([
      [7, link],
      [8, later],
      [9, later],
    ]),
    [true, true, false],
  )
})
