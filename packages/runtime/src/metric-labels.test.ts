import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundLabels, closedCombinations } from './metric-labels.ts'

test('every combination of closed labels is named', () => {
  assert.deepEqual(closedCombinations({ a: ['x', 'y'], b: ['1', '2'] }), [
    { a: 'x', b: '1' },
    { a: 'x', b: '2' },
    { a: 'y', b: '1' },
    { a: 'y', b: '2' },
  ])
})

test('none is named where a label is open', () => {
  assert.deepEqual(closedCombinations({ a: ['x', 'y'], b: { atMost: 2 } }), [])
  assert.deepEqual(closedCombinations({ b: { atMost: 2 }, a: ['x', 'y'] }), [])
})

test('past its bound an open label is other, and known values stay themselves', () => {
  const bound = boundLabels({ namespace: { atMost: 2 } })
  const values = ['a', 'b', 'c', 'a', 'd', 'b'].map((namespace) => bound({ namespace })['namespace'])
  assert.deepEqual(values, ['a', 'b', 'other', 'a', 'other', 'b'])
})

test('labels come in the order they were declared', () => {
  const bound = boundLabels({ a: ['x'], b: ['y'] })
  assert.deepEqual(Object.keys(bound({ b: 'y', a: 'x' })), ['a', 'b'])
})
