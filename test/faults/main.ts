// `npm run faults`: publishes the table of faults with what the last `npm test` said of the tests that it names.
// `npm run soak` first plays simulation, fuzz, planted bugs, mutants and kills at length, and their figures stand in the table.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readOutcomes } from '../test-outcomes.ts'
import { resultsOf } from './fault-matrix.ts'
import type { LastRun } from './fault-table.ts'
import { publish, readLastRun } from './last-run.ts'

const { values } = parseArgs({ options: { soak: { type: 'boolean', default: false } } })
const root = join(import.meta.dirname, '..', '..')

const figures = values.soak ? await runAtLength() : readLastRun().figures
const faults = resultsOf(readOutcomes())
publish({ faults, figures })
const bad = Object.entries(faults).filter(([, result]) => result !== 'passed')
process.stdout.write(`${Object.keys(faults).length} faults shown, ${bad.length} not as promised\n`)
for (const [number, result] of bad) process.stdout.write(`✖ fault ${number}: ${result}\n`)
process.exitCode = bad.length > 0 ? 1 : 0

/** Each to its own last line, which says what it found. */
async function runAtLength(): Promise<LastRun['figures']> {
  const parts: readonly (readonly [what: string, ...command: string[]])[] = [
    ['simulation', 'test/simulation/main.ts', '--seeds', '1000000'],
    ['fuzz', 'test/fuzz/main.ts', '10000000'],
    ['planted bugs', 'test/planted/main.ts'],
    ['mutation score', 'test/mutation/main.ts'],
    ['kill -9 of each process in turn', 'test/kill-rounds.ts', '2000'],
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
