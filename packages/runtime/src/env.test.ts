import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeProblems, readSettings, type SettingsSource } from './env.ts'
import { Secret } from './secret.ts'
import { invalid, type SettingsOf, valid } from './setting.ts'
import * as setting from './setting-builders.ts'

interface Config {
  readonly servers: readonly string[]
  readonly kubeconfig: string | undefined
  readonly namespaces: readonly string[]
  readonly level: 'debug' | 'info'
  readonly port: number
  readonly warn: boolean
  readonly everyMs: number
  readonly token: Secret | undefined
  readonly color: string
}

const settings: SettingsOf<Config> = {
  servers: setting.urls({
    variable: 'NATS_URL',
    schemes: ['nats', 'tls'],
    default: ['nats://x'],
    about: 'NATS',
  }),
  kubeconfig: setting.string({
    variable: ['KUBECONFIG', 'KUBE_CONFIG'],
    flag: 'kubeconfig',
    optional: true,
    about: 'the cluster',
  }),
  namespaces: setting.words({ variable: 'NAMESPACES', default: [], about: 'namespaces' }),
  level: setting.oneOf(['debug', 'info'], {
    variable: 'LOG_LEVEL',
    flag: 'level',
    default: 'info',
    about: 'lines',
  }),
  port: setting.integer({ variable: 'PORT', default: 2112, min: 0, max: 65_535, about: 'a port' }),
  warn: setting.boolean({ flag: 'warn', variable: 'WARN', default: false, about: 'warnings' }),
  everyMs: setting.duration({ variable: 'EVERY', default: 15_000, minMs: 1000, about: 'how often' }),
  token: setting.secret({ variable: 'TOKEN', optional: true, about: 'a token' }),
  color: setting.parsed(
    { kind: 'color', parse: (text) => (text === 'red' ? valid(text) : invalid('is no color', 'use red')) },
    { variable: 'COLOR', default: 'red', about: 'a color' },
  ),
}

type Given = Partial<Omit<SettingsSource, 'argv'>> & { readonly argv?: string }

function read({ env = {}, argv = '', openFile = () => ({ ok: false, problem: 'no files here' }) }: Given) {
  return readSettings({ env, argv: argv.split(' '), openFile }, settings)
}

function configOf(given: Given): Config {
  const result = read(given)
  assert.ok(result.ok, result.ok ? '' : describeProblems(result.problems))
  return result.config
}

function problemsOf(given: Given): string {
  const result = read(given)
  assert.ok(!result.ok, 'was accepted')
  return describeProblems(result.problems)
}

test('with nothing given each setting has its default', () => {
  assert.deepEqual(configOf({}), {
    servers: ['nats://x'],
    kubeconfig: undefined,
    namespaces: [],
    level: 'info',
    port: 2112,
    warn: false,
    everyMs: 15_000,
    token: undefined,
    color: 'red',
  })
})

test('the result cannot be changed', () => {
  assert.ok(Object.isFrozen(configOf({})))
})

const accepted: readonly [string, Given, Partial<Config>][] = [
  ['a variable', { env: { PORT: '80' } }, { port: 80 }],
  ['blanks around a value are dropped', { env: { PORT: ' 80\n' } }, { port: 80 }],
  ["'' is unset", { env: { PORT: '', KUBECONFIG: '' } }, { port: 2112, kubeconfig: undefined }],
  [
    'blanks alone are unset',
    { env: { LOG_LEVEL: ' ', NAMESPACES: '\n' } },
    { level: 'info', namespaces: [] },
  ],
  [
    'the first variable that is set counts',
    { env: { KUBECONFIG: 'a', KUBE_CONFIG: 'b' } },
    { kubeconfig: 'a' },
  ],
  ['the second where the first is unset', { env: { KUBECONFIG: '', KUBE_CONFIG: 'b' } }, { kubeconfig: 'b' }],
  ['a flag beats variables', { env: { KUBECONFIG: 'a' }, argv: '--kubeconfig b' }, { kubeconfig: 'b' }],
  ["a flag that is '' does not", { env: { KUBECONFIG: 'a' }, argv: '--kubeconfig=' }, { kubeconfig: 'a' }],
  ['a flag with =', { argv: '--level=debug' }, { level: 'debug' }],
  ['a flag as Go writes it', { argv: '-level debug' }, { level: 'debug' }],
  ['a boolean flag', { argv: '--warn --level debug' }, { warn: true, level: 'debug' }],
  ['a boolean flag with a value', { env: { WARN: 'yes' }, argv: '-warn=false' }, { warn: false }],
  ['what it does not know', { env: { SLACK_CHANNEL: 'x' }, argv: '--repo-url-annotation a b' }, {}],
  ['words by any white space', { env: { NAMESPACES: ' a\tb\n c ' } }, { namespaces: ['a', 'b', 'c'] }],
  ['several servers', { env: { NATS_URL: 'nats://a,tls://b' } }, { servers: ['nats://a', 'tls://b'] }],
  ['a duration', { env: { EVERY: '1m30s' } }, { everyMs: 90_000 }],
]

for (const [name, given, expected] of accepted)
  test(`takes ${name}`, () => {
    assert.deepEqual(configOf(given), { ...configOf({}), ...expected })
  })

const refused: readonly [Given, string][] = [
  [{ env: { PORT: 'x' } }, 'PORT = "x" is not a whole number in range: give one from 0 to 65535'],
  [{ env: { PORT: '65536' } }, 'PORT = "65536" is not a whole number in range: give one from 0 to 65535'],
  [{ env: { PORT: '1e3' } }, 'PORT = "1e3" is not a whole number in range: give one from 0 to 65535'],
  [{ env: { LOG_LEVEL: 'trace' } }, 'LOG_LEVEL = "trace" is unknown: use one of debug, info'],
  [{ argv: '--level trace' }, '--level = "trace" is unknown: use one of debug, info'],
  [{ argv: '--level' }, '--level has no value: write --level=VALUE'],
  [{ argv: '--kubeconfig --level debug' }, '--kubeconfig has no value: write --kubeconfig=VALUE'],
  [{ env: { WARN: 'maybe' } }, 'WARN = "maybe" is neither true nor false: use true or false'],
  [{ env: { EVERY: '30' } }, 'EVERY = "30" is not a duration: write it like 250ms, 30s, 5m, 1h30m or 7d'],
  [{ env: { EVERY: '10ms' } }, 'EVERY = "10ms" is out of range: give one from 1s'],
  [
    { env: { NATS_URL: 'nats://a,http://b' } },
    'NATS_URL = "nats://a,http://b" is not such a URL: give one that begins with nats:// or tls://',
  ],
  [{ env: { COLOR: 'blue' } }, 'COLOR = "blue" is no color: use red'],
  [{ env: { TOKEN: 'a\nb' } }, 'TOKEN holds a line break or control character: give the bare value'],
  [{ env: { TOKEN: 'a', TOKEN_FILE: '/b' } }, 'TOKEN and TOKEN_FILE are both set: keep one of them'],
  [
    { env: { TOKEN_FILE: '/b' } },
    'TOKEN_FILE names a file that is no use, for no files here: mount it or name another',
  ],
]

for (const [given, expected] of refused)
  test(`refuses ${JSON.stringify(given)}`, () => {
    assert.equal(problemsOf(given), `  ${expected}`)
  })

test('all problems are told at once', () => {
  const problems = problemsOf({ env: { PORT: 'x', COLOR: 'blue' }, argv: '--level' })
  assert.deepEqual(
    problems.split('\n').map((line) => line.trim().split(' ')[0]),
    ['--level', 'PORT', 'COLOR'],
  )
})

test('a required setting names its variable, its file, or its flag, and what it is for', () => {
  const required = {
    url: setting.url({ variable: 'A_URL', flag: 'a', about: 'the address of A' }),
    token: setting.secret({ variable: 'B', about: "B's token" }),
    flag: setting.string({ flag: 'c', about: 'a name' }),
  }
  const result = readSettings({ env: {}, argv: [], openFile: () => ({ ok: false, problem: '' }) }, required)
  assert.ok(!result.ok)
  assert.equal(
    describeProblems(result.problems),
    [
      '  A_URL is not set: set it to the address of A',
      "  B is not set: set it, or B_FILE to a file, to B's token",
      '  --c is not set: set it to a name',
    ].join('\n'),
  )
})

test('a secret comes from its variable without the line end that echo adds', () => {
  assert.equal(configOf({ env: { TOKEN: ' a b \n' } }).token?.reveal(), ' a b ')
})

test('a secret comes from its file, which stays its source', () => {
  let value = 'first'
  const openFile = (path: string) => {
    assert.equal(path, '/run/token')
    return { ok: true, secret: new Secret(() => value) } as const
  }
  const { token } = configOf({ env: { TOKEN_FILE: '/run/token' }, openFile })
  value = 'second'
  assert.equal(token?.reveal(), 'second')
})

test('no problem shows a secret, nor the password in a URL', () => {
  const canary = 'canary-4711'
  const problems = problemsOf({
    env: { TOKEN: `${canary}\t`, NATS_URL: `http://me:${canary}@host` },
    openFile: () => ({ ok: true, secret: Secret.of(`${canary}\t`) }),
  })
  assert.ok(!problems.includes(canary), problems)
})

test('a long value is cut in its problem', () => {
  assert.ok(problemsOf({ env: { PORT: 'x'.repeat(5000) } }).length < 200)
})
