import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTiers, summarize, type Tier, type TierResult, tierOf, tiers } from './tiers.ts'

test('a test file belongs to the tier that its name says', () => {
  assert.equal(tierOf('packages/contracts/src/subjects.test.ts'), 'unit')
  assert.equal(tierOf('packages/jetstream/src/consume.integration.test.ts'), 'integration')
  assert.equal(tierOf('packages/sandbox/src/preview/board.browser.test.ts'), 'browser')
  assert.equal(tierOf('test/redelivery.pipeline.test.ts'), 'pipeline')
  assert.equal(tierOf('test/faults/fuzz.faults.test.ts'), 'faults')
})

test('no tier asked for means all but the faults; a misspelt one is an error that lists them', () => {
  assert.deepEqual([...parseTiers([]), 'faults'], tiers)
  assert.deepEqual(parseTiers(['unit', 'format']), ['format', 'unit'])
  assert.throws(() => parseTiers(['unti']), /unknown tier unti; there are: format, lint/)
})

const passed: TierResult = { kind: 'passed', detail: '12 tests' }
const failed: TierResult = { kind: 'failed', detail: '1 fail' }
const couldNotRun: TierResult = { kind: 'could not run', detail: 'nats-server: no Go' }

function outcome(results: Partial<Record<Tier, TierResult>>): {
  readonly text: string
  readonly ok: boolean
} {
  return summarize(new Map(tiers.flatMap((tier) => (results[tier] ? [[tier, results[tier]]] : []))))
}

test('a run is green only when every tier asked for has passed', () => {
  assert.equal(outcome({ unit: passed, integration: passed }).ok, true)
  assert.equal(outcome({ unit: passed, integration: couldNotRun }).ok, false)
  assert.equal(outcome({ unit: failed, integration: passed }).ok, false)
})

test('a tier that could not run is named with what is missing', () => {
  assert.match(outcome({ integration: couldNotRun }).text, /integration +could not run +nats-server: no Go/)
})
