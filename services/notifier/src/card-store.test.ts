import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Bucket } from '@hermod/jetstream'
import { openKey } from './card-keys.ts'
import { createCardStore } from './card-store.ts'

const key = 'card.3.prod.shop.web.uid.2'
const channel = 'deploys'
const mark = openKey(channel, key)
const { signal } = new AbortController()
const settled = (): boolean => true

/** As NATS does, it lists what was removed lately. `removal` is awaited before each removal. */
function bucketOfMarks(removal?: Promise<void>): {
  readonly bucket: Bucket<unknown>
  readonly live: Set<string>
} {
  const live = new Set<string>()
  const listed = new Set<string>()
  const bucket: Bucket<unknown> = {
    load: async (name) => (live.has(name) ? { value: undefined, kvRevision: 1 } : undefined),
    async save(name) {
      if (live.has(name)) return undefined
      listed.add(name)
      live.add(name)
      return 1
    },
    async remove(name) {
      await removal
      return live.delete(name)
    },
    keys: async () => [...listed],
    newest: async () => 0,
    onWritten: () => ({ [Symbol.dispose]: () => undefined }),
  }
  return { bucket, live }
}

const noCards: Bucket<never> = {
  load: async () => undefined,
  save: async () => undefined,
  remove: async () => false,
  keys: async () => [],
  newest: async () => 0,
  onWritten: () => ({ [Symbol.dispose]: () => undefined }),
}

const around = { cards: noCards, connection: { link: signal }, signal, termSignal: signal }

test('what was settled before this term is not open, and news of it opens it again', async () => {
  const { bucket, live } = bucketOfMarks()
  const before = createCardStore({ ...around, marks: bucket })
  await before.markOpen(key, [channel])
  await before.clearOpen(key, channel, settled)

  const store = createCardStore({ ...around, marks: bucket })
  assert.deepEqual(await store.openCards(), [])
  await store.markOpen(key, [channel])
  assert.ok(live.has(mark))

  assert.deepEqual(await createCardStore({ ...around, marks: bucket }).openCards(), [key])
})

test('a mark that is being taken away is set again by the news that comes meanwhile', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { bucket, live } = bucketOfMarks(promise)
  const store = createCardStore({ ...around, marks: bucket })
  await store.markOpen(key, [channel])
  const cleared = store.clearOpen(key, channel, settled)
  const marked = store.markOpen(key, [channel])
  resolve()
  await Promise.all([cleared, marked])
  assert.ok(live.has(mark))
})

test('a mark that is taken away while the open cards are listed is not taken for one that stands', async () => {
  const { bucket, live } = bucketOfMarks()
  const answered = Promise.withResolvers<void>()
  const load: typeof bucket.load = async (name) => {
    const entry = await bucket.load(name)
    await answered.promise
    return entry
  }
  const store = createCardStore({ ...around, marks: { ...bucket, load } })
  await store.markOpen(key, [channel])
  const listing = store.openCards()
  await setImmediate()
  const clearing = store.clearOpen(key, channel, settled)
  answered.resolve()
  await Promise.all([listing, clearing])
  await store.markOpen(key, [channel])
  assert.ok(live.has(mark))
})

test('a mark that stood is set again over another link: NATS may have lost it', async () => {
  const { bucket, live } = bucketOfMarks()
  const connection = { link: signal }
  const store = createCardStore({ ...around, marks: bucket, connection })
  await store.markOpen(key, [channel])
  live.clear()
  connection.link = new AbortController().signal
  await store.markOpen(key, [channel])
  assert.ok(live.has(mark))
})
