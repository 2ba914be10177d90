import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHealth } from './health.ts'

test('ready is when every check is ok', () => {
  const health = createHealth()
  assert.deepEqual(health.readiness(), { ready: true, checks: [] })
  let connected = false
  health.check('nats', () => ({ ok: connected, detail: connected ? 'connected' : 'dialling' }))
  health.set('slack', { ok: true })
  assert.deepEqual(health.readiness(), {
    ready: false,
    checks: [
      { name: 'nats', ok: false, detail: 'dialling' },
      { name: 'slack', ok: true },
    ],
  })
  connected = true
  assert.equal(health.readiness().ready, true)
})

test('the last word on a check counts, and a removed one is no more', () => {
  const health = createHealth()
  health.set('slack', { ok: false, detail: 'token revoked' })
  assert.equal(health.readiness().ready, false)
  health.set('slack', { ok: true, detail: 'channel C1 is archived' })
  assert.deepEqual(health.readiness(), {
    ready: true,
    checks: [{ name: 'slack', ok: true, detail: 'channel C1 is archived' }],
  })
  health.set('slack', { ok: false })
  health.remove('slack')
  assert.equal(health.readiness().ready, true)
})

test('a check that throws is not ok, and says why', () => {
  const health = createHealth()
  health.check('nats', () => assert.fail('broken'))
  const [check] = health.readiness().checks
  assert.equal(check?.ok, false)
  assert.match(check?.detail ?? '', /broken/)
})
