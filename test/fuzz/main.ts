// `npm run fuzz -- [COUNT] [SEED]`: 20,000 inputs by default. Prints what did harm, to be kept in corpus/, and fails.
import { entryPoints } from './entry-points.ts'
import { fuzz } from './fuzz.ts'

const [count = 20_000, seed = Math.floor(Date.now() / 86_400_000)] = process.argv.slice(2).map(Number)
const harms = await fuzz({ seed, count })
for (const { entryPoint, input, what } of harms)
  process.stdout.write(`✖ ${entryPoint}: ${what}\n  ${JSON.stringify(input.slice(0, 2_000))}\n`)
process.stdout.write(
  `${count} inputs at ${entryPoints.length} entry points, seed ${seed}: ${harms.length} did harm\n`,
)
process.exitCode = harms.length > 0 ? 1 : 0
