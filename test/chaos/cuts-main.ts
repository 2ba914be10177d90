// `node test/chaos/cuts-main.ts [CUTS] [CUTS-OF-A-LAZY-ONE] [SEED]`: power cuts of NATS under load, with each write
// flushed and with none; 10 and 2 unless told otherwise. Needs root.
import { randomInt } from 'node:crypto'
import { cutPowerOfLazyNats, cutPowerOfSyncedNats } from './power-cuts.ts'

const [synced = 10, lazy = 2, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)
if (![synced, lazy, seed].every((number) => Number.isInteger(number) && number >= 0)) {
  process.stderr.write('usage: cuts-main.ts [CUTS] [CUTS-OF-A-LAZY-ONE] [SEED], whole numbers\n')
  process.exit(2)
}
const print = (line: string): void =>
  void process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(6)} s  ${line}\n`)
print(`seed ${seed}`)
const results = [
  await cutPowerOfSyncedNats({ cuts: synced, seed, tell: print }),
  await cutPowerOfLazyNats({ cuts: lazy, seed, tell: print }),
]
const problems = results.flatMap((result) => result.problems)
for (const problem of problems) print(`✖ ${problem}`)
const verdict = problems.length === 0 ? 'nothing lost or doubled' : `${problems.length} problems`
process.stdout.write(`${results.map(({ figures }) => figures).join('; ')}: ${verdict}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
