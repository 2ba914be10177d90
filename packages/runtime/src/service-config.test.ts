import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SettingProblem } from './env.ts'
import { Secret } from './secret.ts'
import { readServiceConfig, secretsIn } from './service-config.ts'
import * as setting from './setting-builders.ts'

const settings = { port: setting.integer({ variable: 'PORT', default: 1, about: 'a port' }) }

function read(env: Record<string, string>, check?: () => readonly SettingProblem[]) {
  const openFile = () => ({ ok: false, problem: 'no files here' }) as const
  return readServiceConfig({ env, argv: [], openFile }, settings, check)
}

test('a service gets its own settings and its process those of every process', () => {
  const { own, process } = read({ PORT: '2', HTTP_PORT: '3' })
  assert.deepEqual(own, { port: 2 })
  assert.equal(process.httpPort, 3)
})

test('problems of the service, of the process and of the rules over several settings come together', () => {
  const check = () => [{ name: 'PORT', problem: 'is not like the other', remedy: 'change one' }]
  assert.throws(() => read({ HTTP_PORT: 'x' }, check), {
    name: 'FatalError',
    remedy: /HTTP_PORT = "x" .*\n {2}PORT is not like the other: change one$/,
  })
})

test('rules over several settings are not asked while one of them is wrong', () => {
  assert.throws(() => read({ PORT: 'x' }, () => assert.fail('asked')), { name: 'FatalError' })
})

test('secrets are found, and passwords in URLs as written and as meant', () => {
  const config = {
    token: Secret.of('token'),
    absent: undefined,
    proxy: 'http://me:p%40ss@proxy:3128',
    servers: ['nats://a', 'nats://me:100%@b'],
    plain: 'https://host/path',
    count: 3,
    names: new Map([['a', 'b']]),
  }
  assert.deepEqual(
    secretsIn(config).map((secret) => secret.reveal()),
    ['token', 'p%40ss', 'p@ss', '100%', '100%'],
  )
})
