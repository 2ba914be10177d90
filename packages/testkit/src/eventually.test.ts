import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from './eventually.ts'

test('repeats a failing check until it holds and returns its value', async () => {
  let tries = 0
  const value = await eventually(
    () => {
      tries++
      assert.equal(tries, 3)
      return 'held'
    },
    { everyMs: 1 },
  )
  assert.equal(value, 'held')
})

test('gives up with the last failure, the time waited and the number of tries', async () => {
  let tries = 0
  const waiting = eventually(
    async () => {
      tries++
      throw new Error(`failure ${tries}`)
    },
    { timeoutMs: 30, everyMs: 5 },
  )
  await assert.rejects(waiting, (error: Error) => {
    assert.match(
      error.message,
      new RegExp(`Still failing after \\d+ ms and ${tries} tries: failure ${tries}$`),
    )
    assert.equal((error.cause as Error).message, `failure ${tries}`)
    return true
  })
})

test('a check that never settles cannot outwait the timeout', async () => {
  const never = new Promise<void>(() => {})
  await assert.rejects(
    eventually(() => never, { timeoutMs: 30 }),
    /The check itself did not settle/,
  )
})
