// `npm run kills -- [ROUNDS] [SEED]`: the services as shipped, each process killed by -9 at random moments,
// 50 rounds unless told otherwise.
import { randomInt } from 'node:crypto'
import { bundlePrograms } from './as-shipped.ts'
import { playRounds } from './kill-run.ts'

const [rounds = 50, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
  process.stderr.write('usage: npm run kills -- [ROUNDS] [SEED], both whole numbers\n')
  process.exit(2)
}
const print = (line: string): void => void process.stdout.write(`${line}\n`)

print(`${rounds} rounds, seed ${seed}`)
await using bundles = await bundlePrograms()
const { missing, doubled, unexpected, rollouts } = await playRounds({
  rounds,
  seed,
  bundles: bundles.path,
  tell: print,
})
print(
  `${rollouts} rollouts: ${missing.length} ends lost, ${doubled.length} told twice, ${unexpected.length} invented`,
)
for (const [what, which] of Object.entries({ lost: missing, 'told twice': doubled, invented: unexpected }))
  for (const each of which) print(`  ${what}: ${each}`)
process.exitCode = missing.length + doubled.length + unexpected.length === 0 ? 0 : 1
