// `npm test`: every tier, then one line each, then node:test's own summary.
// T1 A tier that was asked for and did not run is named with what is missing, and the run is not green.
// T2 A skipped test is a failure: nothing is left out silently.

import { prepareRealParts } from './prepare-real-parts.ts'
import { isStaticCheck, runStaticCheck } from './static-checks.ts'
import { TestRun } from './test-run.ts'
import { parseTiers, summarize, type Tier, type TierResult, tiersWithRealParts } from './tiers.ts'

const wanted = parseTiers(process.argv.slice(2))
const results = new Map<Tier, TierResult>()

for (const tier of wanted.filter(isStaticCheck)) results.set(tier, await runStaticCheck(tier))

const run = new TestRun()
const missing = wanted.some((tier) => tiersWithRealParts.includes(tier))
  ? await prepareRealParts()
  : undefined
for (const tier of wanted.filter((tier) => !isStaticCheck(tier))) {
  if (missing !== undefined && tiersWithRealParts.includes(tier))
    results.set(tier, { kind: 'could not run', detail: missing })
  else results.set(tier, await run.tier(tier))
}

const { text, ok } = summarize(results)
process.stdout.write(`${text}\n`)
await run.end()
process.exitCode = ok ? 0 : 1
