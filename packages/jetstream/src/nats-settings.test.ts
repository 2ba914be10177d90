import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings, Secret } from '@hermod/runtime'
import { checkNatsConfig, type NatsConfig, natsConnectOptions, natsSettings } from './nats-settings.ts'

function read(env: Readonly<Record<string, string>>, secret = Secret.of('')): Readonly<NatsConfig> {
  const result = readSettings({ env, argv: [], openFile: () => ({ ok: true, secret }) }, natsSettings)
  assert.ok(result.ok)
  return result.config
}

test('without any variable NATS is sought on this machine, without credentials', () => {
  const config = read({})
  assert.deepEqual(checkNatsConfig(config), [])
  assert.deepEqual(natsConnectOptions(config), { servers: ['nats://127.0.0.1:4222'] })
})

test('a password is asked for anew each time, so that a rotated file is used', () => {
  let password = 'first'
  const config = read({ NATS_USER: 'dedupe', NATS_PASSWORD_FILE: '/secret' }, new Secret(() => password))
  const { credentials, user } = natsConnectOptions(config)
  assert.equal(user, 'dedupe')
  assert.deepEqual(credentials?.(), { kind: 'password', user: 'dedupe', password: 'first' })
  password = 'second'
  assert.deepEqual(credentials?.(), { kind: 'password', user: 'dedupe', password: 'second' })
})

test('an nkey seed and a creds text are each a proof of their own', () => {
  const nkey = natsConnectOptions(read({ NATS_NKEY_SEED: 'SUAB' })).credentials?.()
  assert.deepEqual(nkey, { kind: 'nkey', seed: 'SUAB' })
  const creds = natsConnectOptions(read({ NATS_CREDS: '-----BEGIN\nx\n-----END' })).credentials?.()
  assert.deepEqual(creds, { kind: 'creds', text: '-----BEGIN\nx\n-----END' })
})

test('certificate files are passed on by path', () => {
  const { tls } = natsConnectOptions(read({ NATS_CA_FILE: '/ca', NATS_CERT_FILE: '/c', NATS_KEY_FILE: '/k' }))
  assert.deepEqual(tls, { caFile: '/ca', certFile: '/c', keyFile: '/k' })
})

test('settings that contradict each other are all named', () => {
  const config = read({ NATS_PASSWORD: 'a', NATS_NKEY_SEED: 'b', NATS_CERT_FILE: '/c' })
  assert.deepEqual(
    checkNatsConfig(config).map(({ name }) => name),
    ['NATS_PASSWORD', 'NATS_PASSWORD', 'NATS_CERT_FILE'],
  )
  assert.deepEqual(
    checkNatsConfig(read({ NATS_USER: 'a.b' })).map(({ name }) => name),
    ['NATS_USER'],
  )
})
