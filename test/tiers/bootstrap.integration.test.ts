import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { eventually, isAlive, makeTempFolder, startProcess } from '@hermod/testkit'

const root = join(import.meta.dirname, '..', '..')

test('a program ends when npm is killed, which nobody tells it', async () => {
  await using folder = await makeTempFolder('bootstrap')
  const file = join(folder.path, 'program.ts')
  writeFileSync(
    file,
    "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1_000); console.log(process.ppid, process.pid)",
  )
  // As npm does: a shell, which starts the bootstrap.
  const script = `node .ci/bootstrap.mjs ${relative(root, file)}; true`
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], npm_lifecycle_event: 'start' }
  await using npm = await startProcess('sh', ['-c', `sh -c '${script}'; true`], { cwd: root, env })
  const pids = await eventually(() => {
    const [, bootstrap, program] = /(\d+) (\d+)/.exec(npm.output) ?? []
    assert.ok(bootstrap && program)
    return [Number(bootstrap), Number(program)]
  })
  await npm.kill()
  await eventually(() => assert.deepEqual(pids.filter(isAlive), []))
})
