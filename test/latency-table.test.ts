import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latencyTable, quantile } from './latency-table.ts'

test('quantiles are samples that were measured', () => {
  const samples = [5, 1, 4, 2, 3]
  assert.deepEqual(
    [0.5, 0.95, 1].map((part) => quantile(samples, part)),
    [3, 5, 5],
  )
  assert.equal(quantile([], 0.5), undefined)
})

test('a row without samples is shown as such', () => {
  const [, row] = latencyTable([{ what: 'start', samples: [] }]).split('\n')
  assert.match(row ?? '', /^start +– +– +– +–$/)
})
