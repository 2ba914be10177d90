import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger, createMetrics, createScrubber } from '@hermod/runtime'
import { ApiHealth } from './api-health.ts'
import type { Reflected } from './api-server/attempt.ts'
import { startState } from './api-server/reflector-state.ts'
import { watcherMetrics } from './watcher-metrics.ts'

const listed: Reflected<unknown> = { kind: 'listed', cause: 'start' }
const ended = (status: number, failures: number): Reflected<unknown> => ({
  kind: 'ended',
  ending: { kind: 'status', status, message: 'no' },
  next: { ...startState, failures },
  delayMs: 0,
})

function newHealth(): ApiHealth {
  const log = createLogger({
    service: 'x',
    level: 'error',
    scrubber: createScrubber(),
    write: () => undefined,
  })
  return new ApiHealth(log, watcherMetrics(createMetrics({ processMetrics: false })))
}

test('until the cluster is reached it says what is waited for', () => {
  const health = newHealth()
  health.reached('ECONNREFUSED')
  assert.deepEqual(health.state, { ok: false, detail: 'ECONNREFUSED' })
  health.reached(undefined)
  assert.equal(health.state.ok, false)
})

test('it is ready when namespaces and Deployments were listed', () => {
  const health = newHealth()
  health.reached(undefined)
  health.note({ resource: 'namespaces' }, listed)
  assert.equal(health.state.ok, false)
  health.note({ resource: 'deployments' }, listed)
  assert.equal(health.state.ok, true)
})

test('one failure is no outage, the second in a row is, and the next good sign ends it', () => {
  const health = newHealth()
  health.reached(undefined)
  health.note({ resource: 'deployments' }, listed)
  health.note({ resource: 'deployments' }, ended(500, 1))
  assert.equal(health.state.ok, true)
  health.note({ resource: 'deployments' }, ended(500, 2))
  assert.equal(health.state.ok, false)
  health.note({ resource: 'deployments' }, { kind: 'opened' })
  assert.equal(health.state.ok, true)
})

test('rights that are withdrawn for the whole cluster make it unready', () => {
  const health = newHealth()
  health.reached(undefined)
  health.note({ resource: 'namespaces' }, listed)
  health.note({ resource: 'deployments' }, listed)
  health.note({ resource: 'deployments' }, ended(403, 1))
  assert.equal(health.state.ok, false)
  assert.equal(health.refused, 1)
})

test('a single namespace that refuses us is named, and the others go on', () => {
  const health = newHealth()
  health.reached(undefined)
  health.note({ resource: 'deployments', namespace: 'shop' }, listed)
  health.note({ resource: 'deployments', namespace: 'vault' }, ended(403, 1))
  assert.equal(health.state.ok, true)
  assert.match(health.state.detail ?? '', /deployments in vault: 403 no/)
})
