import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rememberIn } from './memory.ts'

const start = Date.parse('2026-11-27T12:00:00Z')

/** A bucket that forgets, and a link that breaks. */
function bed() {
  let [nowMs, newest] = [0, 0]
  let stored: { value: { version: number; since: string }; kvRevision: number } | undefined
  let link = new AbortController()
  let held: Promise<void> | undefined
  const { signal } = new AbortController()
  const memory = rememberIn({
    bucket: {
      load: async () => stored,
      async save(_, value, kvRevision) {
        if (kvRevision !== stored?.kvRevision) return undefined
        stored = { value, kvRevision: ++newest }
        return newest
      },
      newest: async () => {
        const answer = newest
        await held
        return answer
      },
      remove: () => assert.fail(),
      keys: () => assert.fail(),
      onWritten: () => assert.fail(),
    },
    connection: {
      get link() {
        return link.signal
      },
      whenConnected: async () => undefined,
    },
    time: { now: () => nowMs, date: () => new Date(start + nowMs), sleep: () => assert.fail() },
    signal,
  })
  return {
    memory,
    at: (ms: number): void => {
      nowMs = ms
    },
    write: () => memory.saw(++newest),
    relink: (): void => {
      const before = link
      link = new AbortController()
      before.abort()
    },
    erase: (): void => {
      stored = undefined
      newest = 0
    },
    mark: (since: number): void => {
      stored = { value: { version: 1, since: new Date(start + since).toISOString() }, kvRevision: ++newest }
    },
    setBack: (writes: number): void => {
      newest -= writes
    },
    hold: (until: Promise<void>): void => {
      held = until
    },
    since: async (): Promise<number> => {
      await memory.refresh()
      return memory.since - start
    },
  }
}

test('a bucket remembers since its first term, over any number of links', async () => {
  const { memory, at, write, relink, since } = bed()
  at(1_000)
  assert.equal(await since(), 1_000)
  write()
  at(60_000)
  relink()
  assert.equal(memory.since, Number.POSITIVE_INFINITY)
  assert.deepEqual([await since(), memory.askedAt], [1_000, 60_000])
})

test('one that was lost, or lost what it held last, remembers since then', async () => {
  const { at, write, relink, erase, setBack, since } = bed()
  await since()
  for (let writes = 0; writes < 9; writes++) write()
  at(60_000)
  erase()
  assert.equal(await since(), 0)
  relink()
  assert.equal(await since(), 60_000)
  write()
  write()
  at(70_000)
  setBack(1)
  relink()
  assert.equal(await since(), 70_000)
  at(80_000)
  relink()
  assert.equal(await since(), 70_000)
})

test('an answer that comes when its link is gone is not believed', async () => {
  const { memory, hold, relink, at, since } = bed()
  const answer = Promise.withResolvers<void>()
  hold(answer.promise)
  const late = memory.refresh()
  hold(Promise.resolve())
  relink()
  at(60_000)
  assert.equal(await since(), 60_000)
  answer.resolve()
  await late
  assert.equal(await since(), 60_000)
})

test('whoever begins a term hears of a loss that only the holder before could notice', async () => {
  const { memory, at, relink, erase, since, mark } = bed()
  await since()
  relink()
  assert.equal(await since(), 0)
  // Another instance has noticed one, and writes it down.
  at(60_000)
  erase()
  mark(60_000)
  assert.equal(await since(), 0)
  await memory.renew()
  assert.equal(await since(), 60_000)
})
