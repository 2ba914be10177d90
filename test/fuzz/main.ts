// `npm run fuzz -- [COUNT] [SEED] [--workers COUNT]`: 20,000 inputs by default, on every core unless told otherwise. Prints what
// did harm, to be kept in corpus/, and fails.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { entryPoints } from './entry-points.ts'
import { fuzz } from './fuzz.ts'
import { fuzzOnCores } from './fuzz-on-cores.ts'

/** For fewer a further process is not worth its start. */
const fewestInputs = 10_000

const { values, positionals } = parseArgs({
  options: { workers: { type: 'string', default: String(availableParallelism()) } },
  allowPositionals: true,
})
const [count = 20_000, seed = Math.floor(Date.now() / 86_400_000)] = positionals.map(Number)
const workers = Math.min(Number(values.workers), Math.floor(count / fewestInputs))
const harms = workers > 1 ? await fuzzOnCores({ seed, count }, workers) : await fuzzHere()
// The process that started this one says it for all.
if (process.send) process.send(harms)
else
  process.stdout.write(
    `${count} inputs at ${entryPoints.length} entry points, seed ${seed}: ${harms} did harm\n`,
  )
process.exitCode = harms > 0 ? 1 : 0

async function fuzzHere(): Promise<number> {
  const found = await fuzz({ seed, count })
  for (const { entryPoint, input, what } of found)
    process.stdout.write(`✖ ${entryPoint}: ${what}\n  ${JSON.stringify(input.slice(0, 2_000))}\n`)
  return found.length
}
