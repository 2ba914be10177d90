import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from '@hermod/runtime'
import type { Reflected } from './api-server/attempt.ts'
import { startState } from './api-server/reflector-state.ts'
import { quietHealth } from './testing/quiet-health.ts'

const listed: Reflected<unknown> = { kind: 'listed', cause: 'start' }
const ended = (status: number, failures: number): Reflected<unknown> => ({
  kind: 'ended',
  ending: { kind: 'status', status, message: 'no' },
  next: { ...startState, failures },
  delayMs: 0,
})

test('until the cluster is reached it says what is waited for', () => {
  const health = quietHealth()
  health.reached('ECONNREFUSED')
  assert.deepEqual(health.state, { ok: false, detail: 'ECONNREFUSED' })
  health.reached(undefined)
  assert.equal(health.state.ok, false)
})

test('it is ready when namespaces and Deployments were listed', () => {
  const health = quietHealth()
  health.reached(undefined)
  health.note({ resource: 'namespaces' }, listed)
  assert.equal(health.state.ok, false)
  health.note({ resource: 'deployments' }, listed)
  assert.equal(health.state.ok, true)
})

test('one failure is no outage, the second in a row is, and the next good sign ends it', () => {
  const health = quietHealth()
  health.reached(undefined)
  health.note({ resource: 'deployments' }, listed)
  health.note({ resource: 'deployments' }, ended(500, 1))
  assert.equal(health.state.ok, true)
  health.note({ resource: 'deployments' }, ended(500, 2))
  assert.equal(health.state.ok, false)
  health.note({ resource: 'deployments' }, { kind: 'opened' })
  assert.equal(health.state.ok, true)
})

test('pods are lost from sight by an outage, not by a refusal, and do not make it unready', () => {
  const health = quietHealth()
  const pods = { resource: 'pods', namespace: 'shop' } as const
  health.reached(undefined)
  health.note({ resource: 'deployments' }, listed)
  assert.equal(health.isLost(pods), false)
  health.note(pods, ended(403, 2))
  assert.equal(health.isLost(pods), false)
  health.note(pods, listed)
  health.note(pods, ended(500, 2))
  assert.deepEqual([health.isLost(pods), health.inSight], [true, true])
  health.note(pods, listed)
  assert.equal(health.isLost(pods), false)
})

test('rights that are withdrawn for the whole cluster make it unready', () => {
  const health = quietHealth()
  health.reached(undefined)
  health.note({ resource: 'namespaces' }, listed)
  health.note({ resource: 'deployments' }, listed)
  health.note({ resource: 'deployments' }, ended(403, 1))
  assert.equal(health.state.ok, false)
})

test('a single namespace that refuses us is named in detail and metrics, and the others go on', async () => {
  const metrics = createMetrics({ processMetrics: false })
  const refused = /^hermod_watcher_collections_refused\{resource="deployments",namespace="vault"\} 1$/m
  const health = quietHealth(metrics)
  health.reached(undefined)
  health.note({ resource: 'deployments', namespace: 'shop' }, listed)
  health.note({ resource: 'deployments', namespace: 'vault' }, ended(403, 1))
  assert.equal(health.state.ok, true)
  assert.match(health.state.detail ?? '', /deployments in vault: 403 no/)
  assert.match(await metrics.text(), refused)
  health.note({ resource: 'deployments', namespace: 'vault' }, { kind: 'opened' })
  assert.doesNotMatch(health.state.detail ?? '', /vault/)
  assert.doesNotMatch(await metrics.text(), refused)
})

test('a collection that is expected keeps us unready until it was listed or refused', () => {
  const health = quietHealth()
  health.reached(undefined)
  health.expect({ resource: 'deployments', namespace: 'shop' })
  health.expect({ resource: 'deployments', namespace: 'vault' })
  health.note({ resource: 'deployments', namespace: 'shop' }, listed)
  assert.equal(health.state.ok, false)
  health.note({ resource: 'deployments', namespace: 'vault' }, ended(403, 1))
  assert.equal(health.state.ok, true)
})

test('a silence has lasted long enough to say at once that something is wrong', () => {
  const health = quietHealth()
  health.reached(undefined)
  health.note({ resource: 'deployments' }, listed)
  const next = { ...startState, failures: 1 }
  health.note({ resource: 'deployments' }, { kind: 'ended', ending: { kind: 'silent' }, next, delayMs: 0 })
  assert.equal(health.state.ok, false)
  assert.match(health.state.detail ?? '', /fell silent/)
})

test('every list, every watch that ended and every silence is counted', async () => {
  const metrics = createMetrics({ processMetrics: false })
  const health = quietHealth(metrics)
  health.note({ resource: 'pods' }, { kind: 'listed', cause: 'gap' })
  for (const kind of ['closed', 'silent', 'expired'] as const) {
    const ending = kind === 'closed' ? ({ kind, listAgeMs: 1 } as const) : ({ kind } as const)
    health.note({ resource: 'pods' }, { kind: 'ended', ending, next: startState, delayMs: 0 })
  }
  const text = await metrics.text()
  assert.match(text, /^hermod_watcher_lists_total\{resource="pods",cause="gap"\} 1$/m)
  for (const how of ['closed', 'silent', 'expired'])
    assert.match(
      text,
      new RegExp(`^hermod_watcher_requests_ended_total\\{resource="pods",how="${how}"\\} 1$`, 'm'),
    )
})
