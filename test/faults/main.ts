// `npm run faults`: plays the tests that the table of faults names and that have not passed yet on this machine (all of
// them with `-- --all`), and publishes the table.
// `npm run soak` first plays simulation, fuzz, planted bugs, mutants, kills and power cuts at length, and their figures stand in
// the table.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepareRealParts } from '../prepare-real-parts.ts'
import { readOutcomes } from '../test-outcomes.ts'
import { TestRun } from '../test-run.ts'
import { tierOf, tiers } from '../tiers.ts'
import { faultMatrix, resultOf } from './fault-matrix.ts'
import type { LastRun } from './fault-table.ts'
import { lastRunOf, publish, readLastRun } from './last-run.ts'

const { values } = parseArgs({
  options: { soak: { type: 'boolean', default: false }, all: { type: 'boolean', default: false } },
})
const root = join(import.meta.dirname, '..', '..')

const missing = await prepareRealParts()
if (missing !== undefined) throw new Error(missing)
await playNamed()
const last = lastRunOf(readOutcomes(), values.soak ? await runAtLength() : readLastRun().figures)
publish(last)
const bad = Object.entries(last.faults).filter(([, { result }]) => result !== 'passed')
process.stdout.write(`${Object.keys(last.faults).length} faults shown, ${bad.length} not as promised\n`)
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

/** Each to its own last line, which says what it found. */
async function runAtLength(): Promise<LastRun['figures']> {
  const parts: readonly (readonly [what: string, ...command: string[]])[] = [
    ['simulation', 'test/simulation/main.ts', '--seeds', '1000000'],
    ['fuzz', 'test/fuzz/main.ts', '10000000'],
    ['planted bugs', 'test/planted/main.ts'],
    ['mutation score', 'test/mutation/main.ts'],
    ['kill -9 and SIGTERM of each process', 'test/chaos/kills-main.ts', '2000', '500'],
    ['power cuts of NATS', 'test/chaos/cuts-main.ts', '50', '20'],
  ]
  const figures = []
  for (const [what, ...command] of parts) figures.push({ what, result: await lastLineOf(command) })
  return figures
}

async function lastLineOf(command: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    process.stdout.write(chunk)
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  return code === 0 ? last : `FAILED: ${last}`
}
