// `npm run kills -- [KILLS] [SIGTERMS] [SEED]`: the services as shipped, killed and terminated at random moments with
// at least 20 rollouts under way; 60 of each unless told otherwise.
import { randomInt } from 'node:crypto'
import { killUnderLoad } from './kill-under-load.ts'

const [kills = 60, terminations = 60, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)
if (![kills, terminations, seed].every((number) => Number.isInteger(number) && number >= 0)) {
  process.stderr.write('usage: npm run kills -- [KILLS] [SIGTERMS] [SEED], whole numbers\n')
  process.exit(2)
}
const print = (line: string): void =>
  void process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(6)} s  ${line}\n`)
const { problems, figures } = await killUnderLoad({ kills, terminations, seed, tell: print })
for (const problem of problems) print(`✖ ${problem}`)
const verdict = problems.length === 0 ? 'nothing lost, doubled or wrong' : `${problems.length} problems`
process.stdout.write(`${figures}: ${verdict}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
