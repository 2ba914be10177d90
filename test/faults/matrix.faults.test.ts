import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOutcomes } from '../test-outcomes.ts'
import { resultsOf } from './fault-matrix.ts'

test('every test that the fault table names has passed in the last run of npm test', () => {
  const results = Object.entries(resultsOf(readOutcomes()))
  assert.deepEqual(
    results.filter(([, result]) => result !== 'passed'),
    [],
  )
})
