import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const program = join(import.meta.dirname, '..', 'simulation', 'main.ts')
const seeds = 5_000
const drills = 100

test(`nothing is lost, doubled, wrong or out of order in ${seeds} simulated runs and ${drills} drills`, async (t) => {
  for (const range of [
    ['--drills', '--from', '0', '--seeds', String(drills)],
    ['--from', '1', '--seeds', String(seeds)],
  ]) {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...range], {
      maxBuffer: 2 ** 26,
    })
    const told = stdout.trim()
    t.diagnostic(told)
    assert.match(told, /nothing lost, doubled, wrong or out of order/)
  }
})
