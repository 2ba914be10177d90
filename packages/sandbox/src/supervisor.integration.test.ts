import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually, isAlive, makeTempFolder, startProcess, type TempFolder } from '@hermod/testkit'
import { type ProcessEvent, type ProcessSpec, superviseProcess } from './supervisor.ts'

function spec(folder: TempFolder, script: string): ProcessSpec {
  return {
    name: 'part',
    command: [process.execPath, '-e', script],
    cwd: folder.path,
    env: { PATH: process.env['PATH'], GREETING: 'hello' },
    logFile: join(folder.path, 'part.log'),
  }
}

const waitsForSigterm = `
  process.on('SIGTERM', () => { console.log('goodbye'); process.exit(0) })
  console.log(process.env.GREETING)
  setInterval(() => {}, 1000)`

const pidsOf = (events: readonly ProcessEvent[]): number[] =>
  events.flatMap((event) => (event.kind === 'started' ? [event.pid] : []))

test('a killed process is started again, and only the end of the supervision ends it for good', async () => {
  await using folder = await makeTempFolder('supervisor')
  const events: ProcessEvent[] = []
  const log = (): string => readFileSync(join(folder.path, 'part.log'), 'utf8')
  {
    await using _process = superviseProcess(spec(folder, waitsForSigterm), (event) => events.push(event))
    await eventually(() => assert.match(log(), /^hello\n$/))
    process.kill(pidsOf(events)[0] ?? 0, 'SIGKILL')
    await eventually(() => assert.match(log(), /^hello\nhello\n$/))
    assert.deepEqual(events[1], { kind: 'ended', how: 'was ended by SIGKILL', restartInMs: 200 })
  }
  assert.match(log(), /goodbye\n$/)
  assert.deepEqual(pidsOf(events).filter(isAlive), [])
})

test('a process whose configuration is wrong is not started again', async () => {
  await using folder = await makeTempFolder('supervisor')
  const events: ProcessEvent[] = []
  await using _process = superviseProcess(spec(folder, 'process.exit(2)'), (event) => events.push(event))
  await eventually(() => assert.deepEqual(events.at(-1), { kind: 'gave-up', how: 'ended with exit code 2' }))
})

test('a program that does not exist is told as what it is', async () => {
  await using folder = await makeTempFolder('supervisor')
  const events: ProcessEvent[] = []
  const missing = { ...spec(folder, ''), command: [join(folder.path, 'missing')] as const }
  await using _process = superviseProcess(missing, (event) => events.push(event))
  await eventually(() => {
    const [first] = events
    assert.ok(first?.kind === 'ended' && /^could not be started: .*ENOENT/.test(first.how))
  })
})

test('a process ends also when its supervisor is killed with -9', async () => {
  await using folder = await makeTempFolder('supervisor')
  const program = join(folder.path, 'supervise.ts')
  const given = JSON.stringify({ ...spec(folder, 'setInterval(() => {}, 1000)'), env: {} })
  writeFileSync(
    program,
    `import { superviseProcess } from ${JSON.stringify(join(import.meta.dirname, 'supervisor.ts'))}
     superviseProcess(${given}, (event) => console.log(JSON.stringify(event)))`,
  )
  await using supervisor = await startProcess(process.execPath, [program])
  const pid = await eventually(() => {
    const [event] = pidsOf(
      supervisor.output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    )
    assert.ok(event)
    return event
  })
  await supervisor.kill()
  await eventually(() => assert.equal(isAlive(pid), false))
})
