/** What came of each test in the last run on this machine: the table of faults is made of it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Outcome {
  /** From the root of the repository. */
  readonly file: string
  readonly name: string
  readonly passed: boolean
  /** What it measured, in its own words. */
  readonly figures?: string
}

const file = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'hermod', 'test-outcomes.json')

/** What earlier runs said of other files stays. */
export function writeOutcomes(outcomes: readonly Outcome[]): void {
  const fresh = new Set(outcomes.map((outcome) => outcome.file))
  const kept = readOutcomes().filter((outcome) => !fresh.has(outcome.file))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify([...kept, ...outcomes]))
}

/** Empty before the first run. */
export function readOutcomes(): readonly Outcome[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly Outcome[]
  } catch {
    return []
  }
}
