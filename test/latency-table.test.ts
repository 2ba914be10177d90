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

test('what others took stands beside what we took', () => {
  const [head, row] = latencyTable([{ what: 'start', samples: [1], peers: 'hermod 29 / 43' }]).split('\n')
  assert.match(head ?? '', /peers, p50 \/ p95$/)
  assert.match(row ?? '', /1\.0 {2}hermod 29 \/ 43$/)
})
