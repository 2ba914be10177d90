import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { benchTable } from './bench-table.ts'
import { type Figure, quantile, spread } from './figure.ts'
import { benchDocument, documentFile, readLastRun } from './last-run.ts'

const figure: Figure = {
  what: 'first post',
  cell: spread([10, 20, 30]),
  aim: { text: '20 / 40 ms', most: [20, 40] },
  peers: {
    hermod: { text: '29 / 43 ms', amounts: [29, 43] },
    kubewatch: { text: '7 / 18 ms', amounts: [7, 18] },
  },
}

function cells(figures: readonly Figure[], beside?: Readonly<Record<string, readonly Figure[]>>): string[] {
  const table = benchTable([{ measured: 'today', figures, ...(beside && { beside }) }])
  return (table.split('\n').at(-1) ?? '').split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, ''))
}

test('quantiles are samples that were measured', () => {
  const samples = [5, 1, 4, 2, 3]
  assert.deepEqual(
    [0.5, 0.95, 1].map((part) => quantile(samples, part)),
    [3, 5, 5],
  )
  assert.equal(quantile([], 0.5), undefined)
  assert.equal(spread([]).text, 'never')
})

test('whoever is better in anything is named, and an aim is met or missed', () => {
  assert.deepEqual(cells([figure]), [
    'first post',
    '20.0 / 30.0 ms',
    '20 / 40 ms: met',
    '**behind kubewatch**; ahead of hermod',
    '29 / 43 ms',
    '–',
    '7 / 18 ms',
  ])
  assert.equal(cells([{ ...figure, cell: spread([10, 20, 41]) }])[2], '20 / 40 ms: **missed**')
  assert.match(cells([{ ...figure, cell: spread([30, 30, 31]) }])[3] ?? '', /behind hermod, kubewatch/)
})

test('who never tells is behind whoever does, and level with whoever does not either', () => {
  const never = { text: 'never', amounts: ['never', 'never'] } as const
  assert.equal(cells([{ ...figure, cell: never }])[3], '**behind hermod, kubewatch**')
  assert.equal(cells([{ ...figure, peers: { hermod: never } }])[3], 'ahead of hermod')
})

test('a program that was put beside ours has a column of its own and is compared', () => {
  const beside = { other: [{ what: 'first post', cell: spread([1, 2]) }] }
  const row = cells([figure], beside)
  assert.equal(row[4], '1.0 / 2.0 ms')
  assert.match(row[3] ?? '', /behind other, kubewatch/)
})

test('the document is what the last run measured (npm run bench writes it)', () => {
  assert.equal(readFileSync(documentFile, 'utf8'), benchDocument(readLastRun()))
})
