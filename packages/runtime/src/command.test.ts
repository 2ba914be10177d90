import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { type CommandCall, defineCommand, type RunCommand } from './command.ts'
import { defineDoctor } from './doctor.ts'
import { FatalError } from './fatal-error.ts'
import * as setting from './setting-builders.ts'

const settings = {
  level: setting.oneOf(['low', 'high'], {
    variable: 'LEVEL',
    flag: 'level',
    default: 'low',
    about: 'how much',
  }),
  key: setting.secret({ variable: 'KEY', about: 'the key' }),
}

async function call(run: RunCommand, args: readonly string[], env: CommandCall['env'] = { KEY: 'hunter22' }) {
  const out: string[] = []
  const errors: string[] = []
  const { signal } = new AbortController()
  const streams = { print: (line: string) => out.push(line), complain: (line: string) => errors.push(line) }
  const code = await run({ env, args, signal, ...streams })
  return { code, out, errors: errors.join('\n') }
}

const echo = defineCommand({
  name: 'echo',
  usage: 'usage: echo [--loud] WORD…',
  settings,
  options: { loud: { type: 'boolean' } },
  run: async ({ level, key }, { words, options, print }) => {
    if (words[0] === 'fail') throw new Error(`no luck with ${key.reveal()}`)
    if (words[0] === 'mend') throw new FatalError('it is broken', { remedy: 'mend it' })
    print(`${words.join(' ')} ${level} ${options['loud'] === true}`)
    return 0
  },
})

test('a command gets its words, its options and its settings', async () => {
  const said = await call(echo, ['a', '--loud', '--level', 'high', 'b'])
  assert.deepEqual(said, { code: 0, out: ['a b high true'], errors: '' })
})

test('a command asked wrongly says how to ask, with exit code 2', async () => {
  const { code, errors, out } = await call(echo, ['--quiet'])
  assert.equal(code, 2)
  assert.match(errors, /--quiet[\s\S]*usage: echo/)
  assert.deepEqual(out, [])
  assert.deepEqual((await call(echo, ['--help'])).out, ['usage: echo [--loud] WORD…'])
})

test('settings that are missing are named with their remedy, with exit code 2', async () => {
  const { code, errors } = await call(echo, ['a'], {})
  assert.equal(code, 2)
  assert.match(errors, /KEY is not set: set it, or KEY_FILE/)
})

test('what only a person can mend ends with exit code 2, anything else with 1, and no secret is said', async () => {
  assert.deepEqual(await call(echo, ['mend']), { code: 2, out: [], errors: 'echo: it is broken: mend it' })
  const { code, errors } = await call(echo, ['fail'])
  assert.deepEqual([code, errors], [1, 'echo: no luck with [secret]'])
})

const doctor = defineDoctor({
  process: 'test',
  usage: 'usage: doctor',
  settings,
  async *examine({ key }) {
    yield { about: 'part one', state: 'ok', detail: 'there' } as const
    yield {
      about: 'part two',
      state: 'problem',
      detail: `has ${key.reveal()}`,
      remedy: 'take it away',
    } as const
    yield { about: 'part three', state: 'unclear', detail: 'nobody may look' } as const
  },
})

test('a doctor says each finding in a line, a problem with its remedy, and exits with 1 if there is one', async () => {
  const { code, out } = await call(doctor, [])
  assert.equal(code, 1)
  assert.deepEqual(out.map(stripVTControlCharacters), [
    'ok      settings: complete',
    'ok      part one: there',
    'problem part two: has [secret]\n        → take it away',
    'unclear part three: nobody may look',
  ])
})

test('a doctor says the same as JSON, and a setting that is missing is a finding too', async () => {
  const { out, code } = await call(doctor, ['--json', '--level', 'high'], {})
  const said = JSON.parse(out.join(''))
  assert.deepEqual([code, said.process, said.ok], [1, 'test', false])
  assert.deepEqual(
    said.findings.map(({ about, state }: { about: string; state: string }) => [about, state]),
    [['setting KEY', 'problem']],
  )
})
