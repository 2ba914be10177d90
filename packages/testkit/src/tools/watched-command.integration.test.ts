import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../eventually.ts'
import { isAlive } from '../process/is-alive.ts'
import { startProcess } from '../process/start-process.ts'
import { makeTempFolder } from '../process/temp-folder.ts'
import { runWatched } from './watched-command.ts'

// As a build that has a compiler at work.
const busy = 'sleep 1000 & echo $!; wait'

test('what a command has started ends with us, however we end', async () => {
  await using folder = await makeTempFolder('watched')
  const program = join(folder.path, 'run.ts')
  await writeFile(
    program,
    `import { runWatched } from ${JSON.stringify(join(import.meta.dirname, 'watched-command.ts'))}
    await runWatched({ command: 'sh', args: ['-c', '${busy}'], env: process.env, silenceMs: 60_000, onLine: console.log })`,
  )
  await using run = await startProcess(process.execPath, [program])
  const started = await eventually(() => {
    const pid = Number.parseInt(run.output, 10)
    assert.ok(isAlive(pid))
    return pid
  })
  await run.kill()
  await eventually(() => assert.equal(isAlive(started), false))
})

test('what a command that has fallen silent has started ends with it', async () => {
  let started = 0
  const ending = await runWatched({
    command: 'sh',
    args: ['-c', busy],
    env: { PATH: process.env['PATH'] },
    onLine: (line) => (started = Number(line)),
    silenceMs: 200,
  })
  assert.equal(ending.kind, 'silent')
  await eventually(() => assert.equal(isAlive(started), false))
})
