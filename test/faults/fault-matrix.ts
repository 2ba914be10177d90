/**
 * Everything that may go wrong around Hermod, what is promised about it, and where that is shown. The numbers are
 * fixed: others refer to them.
 */
import type { Outcome } from '../tiers/test-outcomes.ts'
import { brokerFaults } from './broker-faults.ts'
import { clusterFaults } from './cluster-faults.ts'
import { dataFaults } from './data-faults.ts'
import type { Fault, FaultResult, Result, Shown } from './fault.ts'
import { outsideFaults } from './outside-faults.ts'

export const faultMatrix: readonly Fault[] = [
  ...clusterFaults,
  ...brokerFaults,
  ...outsideFaults,
  ...dataFaults,
].sort((one, other) => one.number - other.number)

/** Whether all tests that show it have passed, and what they measured. */
export function resultOf({ shownBy }: Fault, outcomes: readonly Outcome[]): FaultResult {
  const each = shownBy.map((shown) => outcomesOf(shown, outcomes))
  const results = each.map((found): Result => {
    if (found.length === 0) return 'not run'
    return found.every(({ passed }) => passed) ? 'passed' : 'failed'
  })
  return {
    result: results.find((result) => result !== 'passed') ?? 'passed',
    shownBy: namesOf(shownBy),
    figures: each
      .flat()
      .flatMap(({ figures }) => figures ?? [])
      .join('; '),
  }
}

/** Changes when the fault is shown by other tests. */
export function namesOf(shownBy: readonly Shown[]): string {
  return shownBy.map(([file, title]) => `${file}: ${title}`).join('; ')
}

function outcomesOf([file, title]: Shown, outcomes: readonly Outcome[]): readonly Outcome[] {
  // A title that is put together when the test runs is known by the file it stands in.
  const isTemplate = title.includes('${')
  return outcomes.filter((each) => each.file === file && (isTemplate || each.name.includes(title)))
}
