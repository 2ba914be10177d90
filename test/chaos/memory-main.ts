// `node test/chaos/memory-main.ts [MINUTES] [WARM-UP-MINUTES] [SEED]`: how fast the services grow under load, without faults.
import { randomInt } from 'node:crypto'
import { watchMemory } from './memory-run.ts'

const [minutes = 60, warmUpMinutes = 25, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)
if (!(minutes >= 10 && warmUpMinutes >= 0 && Number.isInteger(seed))) {
  process.stderr.write('usage: memory-main.ts [MINUTES] [WARM-UP-MINUTES] [SEED], at least 10 minutes\n')
  process.exit(2)
}
const print = (line: string): void =>
  void process.stdout.write(`${(performance.now() / 60_000).toFixed(1).padStart(6)} min  ${line}\n`)
const { problems, figures } = await watchMemory({ seed, minutes, warmUpMinutes, tell: print })
for (const problem of problems) print(`✖ ${problem}`)
process.stdout.write(`${figures}: ${problems.length === 0 ? 'as asked' : `${problems.length} problems`}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
