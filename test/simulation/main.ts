// `npm run simulate -- [--seeds COUNT] [--from SEED] [--workers COUNT] [--drills] [--plant NAME] [--quick] [--show]`: plays seeds one
// after another, on every core unless told otherwise. The first that goes wrong is made as short as it can be (unless --quick), told,
// and ends the run with 1. A seed plays the same each time.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { playMany } from './many-seeds.ts'
import { plantChange, replaceModules } from './replaced-modules.ts'
import { takeOverTime } from './virtual-time.ts'

/** For fewer a further process is not worth its start. */
const fewestSeeds = 15

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    plant: { type: 'string' },
    drills: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
  },
})
const startedAt = process.hrtime.bigint()
const [first, count] = [Number(values.from), Number(values.seeds)]
const workers =
  values.show || values.plant !== undefined
    ? 1
    : Math.min(Number(values.workers), Math.ceil(count / fewestSeeds))
if (workers > 1) {
  const options = [...(values.drills ? ['--drills'] : []), ...(values.quick ? ['--quick'] : [])]
  const played = await playMany({ from: first, count, options }, workers)
  if (typeof played === 'number') sayWell(played)
  else process.stdout.write(played)
  process.exit(typeof played === 'number' ? 0 : 1)
}

replaceModules()
if (values.plant !== undefined) {
  const { plantedBugs } = await import('../planted/planted-bugs.ts')
  const bug = plantedBugs.find(({ name }) => name === values.plant)
  if (bug === undefined) throw new Error(`no planted bug is called ${values.plant}`)
  plantChange(bug)
}
takeOverTime()
const { planOfSeed } = await import('./plan.ts')
const { drillOf } = await import('./drills.ts')
const { simulate } = await import('./simulate.ts')
const { shrink } = await import('./shrink.ts')

const unhandled: string[] = []
process.on('unhandledRejection', (error) =>
  unhandled.push(String(error instanceof Error ? error.stack : error)),
)

let virtualMs = 0
for (let seed = first; seed < first + count; seed++) {
  const plan = values.drills ? drillOf(seed) : planOfSeed(seed)
  const played = await simulate(plan)
  virtualMs += played.virtualMs
  const findings = [...played.findings, ...unhandled.map((error) => `unhandled: ${error}`)]
  if (findings.length === 0) {
    if (values.show) process.stdout.write(`${played.log.join('\n')}\n${played.fingerprint}\n`)
    continue
  }
  const again = await simulate(plan)
  const small =
    values.show || values.quick
      ? plan
      : await shrink(plan, async (smaller) => (await simulate(smaller)).findings.length > 0)
  const told = await simulate(small)
  const lines = [
    `seed ${seed}: ${findings.join('\n  ')}`,
    again.fingerprint === played.fingerprint ? 'plays the same again' : 'PLAYS DIFFERENTLY AGAIN',
    'shortest plan:',
    ...small.steps.map((step) => `  ${JSON.stringify(step)}`),
    ...told.findings.map((finding) => `  ${finding}`),
    ...(values.show ? told.log : []),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  process.exit(1)
}
sayWell(Math.round(virtualMs / 60_000))
process.exit(0)

function sayWell(minutes: number): void {
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
  process.stdout.write(
    `${count} ${values.drills ? 'drills' : 'seeds'} from ${first}: nothing lost, doubled, wrong or out of order; ${minutes} minutes of rollouts in ${seconds.toFixed(1)} s\n`,
  )
}
