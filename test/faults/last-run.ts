import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultTable, type LastRun } from './fault-table.ts'

const lastRunFile = join(import.meta.dirname, 'last-run.json')

/** What people read. */
export const documentFile: string = join(import.meta.dirname, 'README.md')

export function readLastRun(): LastRun {
  return JSON.parse(readFileSync(lastRunFile, 'utf8')) as LastRun
}

export function publish(last: LastRun): void {
  writeFileSync(lastRunFile, `${JSON.stringify(last, undefined, 2)}\n`)
  writeFileSync(documentFile, faultTable(last))
}
