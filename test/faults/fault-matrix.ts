/**
 * Everything that may go wrong around Hermod, what is promised about it, and where that is shown. The numbers are
 * fixed: others refer to them.
 */
import type { Outcome } from '../test-outcomes.ts'
import { brokerFaults } from './broker-faults.ts'
import { clusterFaults } from './cluster-faults.ts'
import { dataFaults } from './data-faults.ts'
import type { Fault, Result, Shown } from './fault.ts'
import { outsideFaults } from './outside-faults.ts'

export const faultMatrix: readonly Fault[] = [
  ...clusterFaults,
  ...brokerFaults,
  ...outsideFaults,
  ...dataFaults,
].sort((one, other) => one.number - other.number)

/** By the number of each fault that a test shows: whether all of its tests have passed. */
export function resultsOf(outcomes: readonly Outcome[]): Readonly<Record<string, Result>> {
  const resultOf = ([file, title]: Shown): Result => {
    // A title that is put together when the test runs is known by the file it stands in.
    const isTemplate = title.includes('${')
    const named = outcomes.filter((each) => each.file === file && (isTemplate || each.name.includes(title)))
    if (named.length === 0) return 'not run'
    return named.every(({ passed }) => passed) ? 'passed' : 'failed'
  }
  const shown = faultMatrix.filter(({ shownBy }) => shownBy.length > 0)
  return Object.fromEntries(
    shown.map(({ number, shownBy }) => {
      const results = shownBy.map(resultOf)
      return [number, results.find((result) => result !== 'passed') ?? 'passed']
    }),
  )
}
