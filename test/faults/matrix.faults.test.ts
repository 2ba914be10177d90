import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOutcomes } from '../tiers/test-outcomes.ts'
import { tierOf } from '../tiers/tiers.ts'
import { faultMatrix, resultOf } from './fault-matrix.ts'

test('every test that the fault table names has passed in the last run of npm test', () => {
  const outcomes = readOutcomes()
  const bad = faultMatrix.flatMap((fault) => {
    // Those of this tier speak for themselves in this run.
    const shownBy = fault.shownBy.filter(([file]) => tierOf(file) !== 'faults')
    const { result } = resultOf({ ...fault, shownBy }, outcomes)
    return result === 'passed' ? [] : [`${fault.number}: ${result}`]
  })
  assert.deepEqual(bad, [])
})
