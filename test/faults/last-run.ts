import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from '../tiers/test-outcomes.ts'
import { faultMatrix, resultOf } from './fault-matrix.ts'
import { faultTable, type LastRun } from './fault-table.ts'

const lastRunFile = join(import.meta.dirname, 'last-run.json')

/** What people read. */
export const documentFile: string = join(import.meta.dirname, 'README.md')

/** What a run's tests said of every fault. */
export function resultsOf(outcomes: readonly Outcome[]): LastRun['faults'] {
  const shown = faultMatrix.filter(({ shownBy }) => shownBy.length > 0)
  return Object.fromEntries(shown.map((fault) => [fault.number, resultOf(fault, outcomes)]))
}

export function readLastRun(): LastRun {
  return JSON.parse(readFileSync(lastRunFile, 'utf8')) as LastRun
}

export function publish(last: LastRun): void {
  writeFileSync(lastRunFile, `${JSON.stringify(last, undefined, 2)}\n`)
  writeFileSync(documentFile, faultTable(last))
}
