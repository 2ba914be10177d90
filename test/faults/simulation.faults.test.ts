import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const program = join(import.meta.dirname, '..', 'simulation', 'main.ts')
const seeds = 400
const drills = 44

const ranges: readonly (readonly string[])[] = [
  ['--drills', '--from', '0', '--seeds', String(drills)],
  ['--from', '1', '--seeds', String(seeds / 2)],
  ['--from', String(1 + seeds / 2), '--seeds', String(seeds / 2)],
]

test(`nothing is lost, doubled, wrong or out of order in ${seeds} simulated runs and ${drills} drills`, async (t) => {
  const runs = ranges.map(async (range) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...range], {
      maxBuffer: 2 ** 26,
    })
    return stdout.trim()
  })
  for (const told of await Promise.all(runs)) {
    t.diagnostic(told)
    assert.match(told, /nothing lost, doubled, wrong or out of order/)
  }
})
