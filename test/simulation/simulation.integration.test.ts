import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

// A process of its own: time in it is not the machine's.
async function play(...given: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), ...given],
    {
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  return stdout
}

test('nothing is lost, doubled, wrong or out of order, and no secret is said, in 20 simulated runs with faults', async () => {
  assert.match(await play('--seeds', '20', '--workers', '1'), /^20 seeds from 1: nothing lost/)
})

test('a seed plays the same each time, bit for bit, alone or after others', async () => {
  const fingerprints = async (from: number, seeds: number): Promise<readonly string[]> => {
    const told = await play('--from', String(from), '--seeds', String(seeds), '--show')
    return told.match(/^[0-9a-f]{64}$/gm) ?? []
  }
  const [all, last] = [await fingerprints(26, 3), await fingerprints(28, 1)]
  assert.equal(all.length, 3)
  assert.deepEqual(last, all.slice(2))
})
