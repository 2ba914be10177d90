// `npm run faults`: plays the tests that the table of faults names and that have not passed yet on this machine (all of
// them with `-- --all`), and publishes the table.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepareRealParts } from '../tiers/prepare-real-parts.ts'
import { readOutcomes } from '../tiers/test-outcomes.ts'
import { TestRun } from '../tiers/test-run.ts'
import { tierOf, tiers } from '../tiers/tiers.ts'
import { faultMatrix, resultOf } from './fault-matrix.ts'
import { publish, readLastRun, resultsOf } from './last-run.ts'

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } })
const root = join(import.meta.dirname, '..', '..')

const missing = await prepareRealParts()
if (missing !== undefined) throw new Error(missing)
await playNamed()
const faults = resultsOf(readOutcomes())
publish({ ...readLastRun(), faults })
const bad = Object.entries(faults).filter(([, { result }]) => result !== 'passed')
process.stdout.write(`${Object.keys(faults).length} faults shown, ${bad.length} not as promised\n`)
for (const [number, { result }] of bad) process.stdout.write(`✖ fault ${number}: ${result}\n`)
process.exitCode = bad.length > 0 ? 1 : 0

async function playNamed(): Promise<void> {
  const outcomes = readOutcomes()
  const wanted = faultMatrix.flatMap((fault) =>
    fault.shownBy.flatMap((shown) => {
      const { result } = resultOf({ ...fault, shownBy: [shown] }, outcomes)
      return values.all || result !== 'passed' ? shown[0] : []
    }),
  )
  const files = [...new Set(wanted)].toSorted()
  const run = new TestRun()
  for (const tier of tiers) {
    const own = files.filter((file) => tierOf(file) === tier).map((file) => join(root, file))
    if (own.length > 0) await run.tier(tier, own)
  }
  await run.end()
}
