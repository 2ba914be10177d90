// Owns the running of tests of node:test for Stryker.
// R1. Tests stay loaded: a mutant costs as long as the tests that reach it, not the start of a process.
// R2. What runs while a module is loaded is mutated by loading it anew, with the tests of its target and no others.
// R3. Drawn inputs are the same for each mutant, so that a score can be repeated.
import { globSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind, type Plugins } from '@stryker-mutator/api/plugin'
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import fc from 'fast-check'
import { type CollectedTest, takeCollected } from './collected-tests.ts'
import { type Target, targets } from './targets.ts'

type LoadedTest = CollectedTest & { readonly id: string; readonly file: string }

const instrumented = globalThis as { [INSTRUMENTER_CONSTANTS.NAMESPACE]?: InstrumenterContext }

class LoadedTests implements TestRunner {
  #tests: readonly LoadedTest[] = []
  #loaded: readonly Target[] = []
  #sandbox = ''
  #loads = 0

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true }
  }

  async init(): Promise<void> {
    // The working directory is Stryker's copy with the mutants in it.
    this.#sandbox = pathToFileURL(join(process.cwd(), '/')).href
    fc.configureGlobal({ seed: 1, endOnFailure: true })
    registerHooks({
      resolve: (specifier, context, next) => {
        if (specifier === 'node:test')
          return next('./collected-tests.ts', { ...context, parentURL: import.meta.url })
        const resolved = next(specifier, context)
        if (!resolved.url.startsWith(this.#sandbox)) return resolved
        return { ...resolved, url: `${resolved.url}?load=${this.#loads}` }
      },
    })
  }

  async dryRun({ disableBail, files = [] }: DryRunOptions): Promise<DryRunResult> {
    context().mutantCoverage = { static: {}, perTest: {} }
    await this.#load(targetsOf(files))
    return await this.#run(this.#tests, disableBail)
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, reloadEnvironment, testFilter, hitLimit } = options
    const { id } = activeMutant
    const there = context()
    delete there.hitLimit
    if (hitLimit !== undefined) Object.assign(there, { hitLimit, hitCount: 0 })
    delete there.activeMutant
    if (mutantActivation === 'static') there.activeMutant = id
    try {
      const wanted = targetsOf([options.sandboxFileName])
      if (reloadEnvironment || wanted.some((target) => !this.#loaded.includes(target)))
        await this.#load(wanted)
    } catch (error) {
      // A module that cannot even be loaded is noticed by every test.
      const failureMessage = String(error)
      return toMutantRunResult({
        status: DryRunStatus.Complete,
        tests: [
          { id: 'loading', name: 'loading', timeSpentMs: 0, status: TestStatus.Failed, failureMessage },
        ],
      })
    }
    there.activeMutant = id
    const wanted = testFilter && new Set(testFilter)
    const tests = this.#tests.filter((test) => wanted === undefined || wanted.has(test.id))
    return toMutantRunResult(await this.#run(tests, options.disableBail))
  }

  async #load(wanted: readonly Target[]): Promise<void> {
    this.#loads++
    takeCollected()
    const loaded: LoadedTest[] = []
    for (const { folder, tests } of wanted) {
      const chosen = tests.filter((glob) => !glob.startsWith('!'))
      const exclude = tests.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1))
      for (const name of globSync(chosen, { cwd: folder, exclude }).sort()) {
        const file = join(folder, name)
        await import(`${this.#sandbox}${file}`)
        for (const test of takeCollected()) loaded.push({ ...test, file, id: `${file}: ${test.name}` })
      }
    }
    this.#tests = loaded
    this.#loaded = wanted
  }

  async #run(tests: readonly LoadedTest[], disableBail: boolean): Promise<DryRunResult> {
    const there = context()
    const results: TestResult[] = []
    for (const test of tests) {
      there.currentTestId = test.id
      const result = await resultOf(test)
      results.push(result)
      if (result.status === TestStatus.Failed && !disableBail) break
    }
    delete there.currentTestId
    const { mutantCoverage, hitCount, hitLimit } = there
    return (
      determineHitLimitReached(hitCount, hitLimit) ?? {
        status: DryRunStatus.Complete,
        tests: results,
        ...(mutantCoverage && { mutantCoverage }),
      }
    )
  }
}

async function resultOf({ id, name, file, run }: LoadedTest): Promise<TestResult> {
  const startedAt = performance.now()
  const about = { id, name, fileName: file }
  try {
    await run()
    return { ...about, timeSpentMs: performance.now() - startedAt, status: TestStatus.Success }
  } catch (error) {
    const failureMessage = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { ...about, timeSpentMs: performance.now() - startedAt, status: TestStatus.Failed, failureMessage }
  }
}

/** Whose sources these are. */
function targetsOf(files: readonly string[]): readonly Target[] {
  return targets.filter(({ folder }) => files.some((file) => file.includes(`${folder}/`)))
}

function context(): InstrumenterContext {
  return (instrumented[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {})
}

export const strykerPlugins: readonly Plugins[PluginKind.TestRunner][] = [
  declareClassPlugin(PluginKind.TestRunner, 'loaded-tests', LoadedTests),
]
