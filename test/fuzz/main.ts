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
if (workers > 1) process.exit((await fuzzOnCores({ seed, count }, workers)) ? 0 : 1)

const harms = await fuzz({ seed, count })
for (const { entryPoint, input, what } of harms)
  process.stdout.write(`✖ ${entryPoint}: ${what}\n  ${JSON.stringify(input.slice(0, 2_000))}\n`)
process.stdout.write(
  `${count} inputs at ${entryPoints.length} entry points, seed ${seed}: ${harms.length} did harm\n`,
)
process.exitCode = harms.length > 0 ? 1 : 0
