import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { faultMatrix, namesOf } from './fault-matrix.ts'
import { faultTable } from './fault-table.ts'
import { documentFile, readLastRun } from './last-run.ts'

const root = join(import.meta.dirname, '..', '..')

test('every one of the 58 faults has a test that shows what is promised, or a reason why it has none', () => {
  assert.deepEqual(
    faultMatrix.map(({ number }) => number),
    Array.from({ length: 58 }, (_, index) => index + 1),
  )
  for (const { number, shownBy, notShown } of faultMatrix)
    assert.ok(shownBy.length > 0 || notShown, `fault ${number} has neither`)
})

test('every test that the fault table names exists', () => {
  const missing = faultMatrix.flatMap(({ number, shownBy }) =>
    shownBy
      .filter(([file, title]) => !readFileSync(join(root, file), 'utf8').includes(title))
      .map(([file, title]) => `${number}: ${file} has no "${title}"`),
  )
  assert.deepEqual(missing, [])
})

test('the published table of faults is up to date, and nothing in it has failed (npm run faults)', () => {
  const last = readLastRun()
  assert.ok(readFileSync(documentFile, 'utf8') === faultTable(last), 'out of date: npm run faults')
  for (const { number, shownBy } of faultMatrix.filter(({ shownBy: { length } }) => length > 0)) {
    const { result, shownBy: then } = last.faults[String(number)] ?? {}
    assert.equal(result, 'passed', `fault ${number}`)
    const stale = `fault ${number} is shown by other tests than in the last run: npm run faults`
    assert.equal(then, namesOf(shownBy), stale)
  }
})
