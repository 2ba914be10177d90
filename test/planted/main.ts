// `npm run planted -- [COUNT] [--drills N] [--seeds N] [--day N]`: plants bugs, one at a time, and fails for each that nobody finds. Without
// a count all of them; with one, so many in turn by the day, so that CI sees each of them in a few days.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { type PlantedBug, plantedBugs } from './planted-bugs.ts'

const { values, positionals } = parseArgs({
  options: {
    seeds: { type: 'string', default: '300' },
    drills: { type: 'string', default: '75' },
    day: { type: 'string' },
  },
  allowPositionals: true,
})
const fewest = 30
const root = join(import.meta.dirname, '..', '..')
const count = Number(positionals[0] ?? plantedBugs.length)
const day = Number(values.day ?? Math.floor(Date.now() / 86_400_000))
const chosen = Array.from({ length: Math.min(count, plantedBugs.length) }, (_, index) => {
  const at = (day * count + index) % plantedBugs.length
  return plantedBugs.slice(at, at + 1)
}).flat()

process.stdout.write(`${chosen.length} of ${plantedBugs.length} planted bugs, those of day ${day}\n`)
let missed = 0
const waiting = [...chosen]
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let bug = waiting.shift(); bug; bug = waiting.shift()) await lookFor(bug)
  }),
)
const plantable = plantedBugs.filter(isPlantable).length
if (plantable < fewest) process.stdout.write(`✖ only ${plantable} of them can still be planted\n`)
const outgrown = chosen.filter((bug) => !isPlantable(bug)).length
process.stdout.write(
  `${chosen.length - outgrown - missed} of ${chosen.length} planted bugs found, ${missed} missed, ${outgrown} to be adapted\n`,
)
process.exitCode = missed > 0 || plantable < fewest ? 1 : 0

async function lookFor(bug: PlantedBug): Promise<void> {
  if (!isPlantable(bug)) {
    process.stdout.write(`- ${bug.name}: its place in ${bug.file} has changed, adapt it\n`)
    return
  }
  const found = await isFound(bug)
  if (found === undefined) missed++
  process.stdout.write(
    `${found === undefined ? '✖ NOT FOUND' : '✔'} ${bug.name}${found ? `: ${found}` : ''}\n`,
  )
}

function isPlantable({ file, from }: PlantedBug): boolean {
  return readFileSync(join(root, file), 'utf8').split(from).length === 2
}

/** What found it, or undefined. A run that fails for any other reason than a finding throws. */
async function isFound(bug: PlantedBug): Promise<string | undefined> {
  const { name, foundBy } = bug
  if (foundBy !== undefined) {
    const plant = `${join(import.meta.dirname, 'plant.ts')}?${encodeURIComponent(name)}`
    const { code, output } = await run(['--import', `file://${plant}`, join(root, foundBy)])
    if (code === 0) return undefined
    const [, failed] = /^\s*✖ (.+?)(?: \(|$)/m.exec(output) ?? []
    if (failed === undefined) throw new Error(`${foundBy} did not run:\n${output}`)
    return `${foundBy}, "${failed}"`
  }
  // Drills first: they meet at once what random plans meet now and then.
  for (const given of [
    ['--drills', '--seeds', values.drills],
    ['--seeds', values.seeds],
  ]) {
    const { code, output } = await run([
      join(root, 'test', 'simulation', 'main.ts'),
      ...given,
      '--plant',
      name,
      '--quick',
    ])
    if (code === 0) continue
    const [, seed, finding] = /^seed (\d+): (.+)$/m.exec(output) ?? []
    if (seed === undefined) throw new Error(`the simulation did not run:\n${output}`)
    return `${given[0] === '--drills' ? 'drill' : 'seed'} ${seed}, ${finding?.slice(0, 120)}`
  }
  return undefined
}

async function run(given: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, given, {
      cwd: root,
      // Inside a test run it would write for that run's reader, and not for people.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      maxBuffer: 64 * 1024 * 1024,
    })
    return { code: 0, output: stdout }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return { code: 1, output: `${stdout}\n${stderr}` }
  }
}
