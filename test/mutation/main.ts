// `npm run mutation -- [TARGET [FILE]]`: changes each line of what must never be wrong, in every way that Stryker knows, and counts how
// many changes no test notices. Prints those, then one line a target; fails where the score is too low.
import { join } from 'node:path'
import type { MutantResult } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { leastScore, type Target, targets } from './targets.ts'

const [only, file] = process.argv.slice(2)
const chosen = targets
  .filter(({ name }) => only === undefined || name === only)
  .map((target) => (file === undefined ? target : { ...target, sources: [file] }))
if (chosen.length === 0)
  throw new Error(`no target is called ${only}; there are: ${targets.map(({ name }) => name).join(', ')}`)
process.chdir(join(import.meta.dirname, '..', '..'))

const stryker = new Stryker({
  mutate: chosen.flatMap(({ folder, sources }) => sources.map((glob) => inFolder(folder, glob))),
  plugins: [join(import.meta.dirname, 'test-runner.ts')],
  testRunner: 'loaded-tests',
  coverageAnalysis: 'perTest',
  reporters: ['progress-append-only'],
  tempDirName: 'dist/mutation',
  ignorePatterns: ['/k8s', '/test', '/.ci', '/.github', 'corpus'],
  // Nobody checks types meanwhile.
  disableTypeChecks: false,
  concurrency: 2,
})
const mutants = await stryker.runMutationTest()

for (const mutant of mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage'))
  process.stdout.write(`${describe(mutant)}\n`)
const scores = chosen.map((target) => ({ target, ...scoreOf(target, mutants) }))
process.stdout.write(
  `${scores.map(({ target, score, noticed, all }) => `${target.name} ${score.toFixed(1)} % (${noticed} of ${all})`).join(', ')}\n`,
)
process.exitCode = scores.every(({ score }) => score >= leastScore) ? 0 : 1

function inFolder(folder: string, glob: string): string {
  return glob.startsWith('!') ? `!${folder}/${glob.slice(1)}` : `${folder}/${glob}`
}

function scoreOf({ folder, sources }: Target, mutants: readonly MutantResult[]) {
  const there = mutants.filter(({ fileName }) => {
    const path = fileName.slice(process.cwd().length + 1)
    return (
      path.startsWith(`${folder}/`) &&
      (sources.includes('*.ts') || sources.includes(path.slice(folder.length + 1)))
    )
  })
  const counted = there.filter(({ status }) => status !== 'Ignored' && status !== 'CompileError')
  const noticed = counted.filter(({ status }) => status === 'Killed' || status === 'Timeout').length
  return { noticed, all: counted.length, score: counted.length === 0 ? 0 : (100 * noticed) / counted.length }
}

function describe({ fileName, location, mutatorName, replacement, status }: MutantResult): string {
  const where = `${fileName.slice(process.cwd().length + 1)}:${location.start.line}:${location.start.column}`
  return `${status} ${where} ${mutatorName}: ${(replacement ?? '').replaceAll(/\s+/g, ' ').slice(0, 160)}`
}
