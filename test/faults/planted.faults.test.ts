import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

test('ten planted bugs, other ones each day, are found', async (t) => {
  const program = join(import.meta.dirname, '..', 'planted', 'main.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, '10'])
  for (const line of stdout.trim().split('\n')) t.diagnostic(line)
})
