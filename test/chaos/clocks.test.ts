import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually, startProcess } from '@hermod/testkit'
import { makeClocks } from './clocks.ts'

const tellTime = `
let last = performance.now()
setInterval(() => {
  const now = performance.now()
  console.log('at', Date.now(), new Date().getTime(), Math.round(now - last))
  last = now
}, 20)`

test('a clock that is set moves every date of a running process, and not its monotonic time', async () => {
  await using clocks = await makeClocks()
  const env = clocks.settingsOf('dedupe')
  await using child = await startProcess(process.execPath, ['--eval', tellTime], { env })
  const told = (): readonly number[] => child.output.split('\n').at(-2)?.match(/\d+/g)?.map(Number) ?? []
  for (const shiftMs of [0, 600_000, -600_000]) {
    await eventually(() => assert.equal(told().length, 3, child.output))
    await clocks.set({ name: 'dedupe', pid: child.pid }, shiftMs)
    await eventually(() => {
      const [now = 0, dated = 0, passed = 0] = told()
      for (const each of [now, dated])
        assert.ok(Math.abs(each - shiftMs - Date.now()) < 60_000, `${each}, with ${shiftMs}`)
      assert.ok(passed < 60_000, `${passed} ms passed`)
    })
  }
})
