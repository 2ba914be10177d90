import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { type Outcome, writeOutcomes } from './test-outcomes.ts'
import { type Tier, type TierResult, tierOf } from './tiers.ts'

const root = join(import.meta.dirname, '..', '..')

// Whole processes and control planes mostly wait, so two files share two cores; a browser and the faults want them
// for themselves.
const concurrency: Partial<Record<Tier, number>> = { integration: 2, browser: 1, pipeline: 2, faults: 1 }
const fileTimeoutMs: Partial<Record<Tier, number>> = { faults: 1_200_000 }
const usualFileTimeoutMs = 300_000

type Event = { readonly type: string; readonly data: unknown }
type Summary = Map<string, number>

/** Several runs of node:test under one reporter, with one summary at the end. */
export class TestRun {
  readonly #reporter = new spec()
  readonly #summary: Summary = new Map()
  readonly #outcomes: Outcome[] = []

  constructor() {
    this.#reporter.pipe(process.stdout)
  }

  /** Runs the tests of one tier and prints them as node:test does. */
  async tier(tier: Tier, files: readonly string[] = testFiles(tier)): Promise<TierResult> {
    if (files.length === 0) return { kind: 'could not run', detail: 'there are no tests of this tier' }
    const events = run({
      files: [...files],
      cwd: root,
      concurrency: concurrency[tier] ?? availableParallelism(),
      timeout: fileTimeoutMs[tier] ?? usualFileTimeoutMs,
    })
    const counts: Summary = new Map()
    for await (const event of events as AsyncIterable<Event>) {
      const line = summaryLine(event)
      const outcome = outcomeOf(event)
      if (outcome) this.#outcomes.push(outcome)
      this.#noteFigures(event)
      if (line === undefined) this.#reporter.write(event)
      else counts.set(line.name, line.value)
    }
    for (const [name, value] of counts) this.#summary.set(name, (this.#summary.get(name) ?? 0) + value)
    return verdict(counts)
  }

  /** What a test says behind `figures: ` is of the test that ended last in its file. */
  #noteFigures({ type, data }: Event): void {
    const { file, message = '' } = data as { readonly file?: string; readonly message?: string }
    const [, figures] = /^figures: (.*)/.exec(message) ?? []
    if (type !== 'test:diagnostic' || file === undefined || figures === undefined) return
    const at = this.#outcomes.findLastIndex((outcome) => outcome.file === relative(root, file))
    const outcome = this.#outcomes[at]
    if (outcome) this.#outcomes[at] = { ...outcome, figures }
  }

  /** Prints the summary over all tiers, last. */
  async end(): Promise<void> {
    for (const [name, value] of this.#summary) {
      this.#reporter.write({
        type: 'test:diagnostic',
        data: { nesting: 0, message: `${name} ${value}`, level: 'info' },
      })
    }
    writeOutcomes(this.#outcomes)
    this.#reporter.end()
    await new Promise((resolve) => this.#reporter.once('end', resolve))
  }
}

function testFiles(tier: Tier): string[] {
  const patterns = ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'test/**/*.test.ts']
  const files = globSync(patterns, { cwd: root, exclude: ['**/node_modules/**'] })
  return files
    .filter((file) => tierOf(file) === tier)
    .map((file) => join(root, file))
    .sort()
}

function outcomeOf({ type, data }: Event): Outcome | undefined {
  if (type !== 'test:pass' && type !== 'test:fail') return undefined
  const { file, name } = data as { readonly file?: string; readonly name: string }
  return file === undefined ? undefined : { file: relative(root, file), name, passed: type === 'test:pass' }
}

// node:test closes a run with one diagnostic a count: `tests 12`, `pass 12`, `duration_ms 345.6`.
function summaryLine({ type, data }: Event): { readonly name: string; readonly value: number } | undefined {
  if (type !== 'test:diagnostic' || typeof data !== 'object' || data === null) return undefined
  if (!('message' in data) || typeof data.message !== 'string' || ('file' in data && data.file !== undefined))
    return undefined
  const match = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/.exec(data.message)
  return match?.[1] === undefined ? undefined : { name: match[1], value: Number(match[2]) }
}

function verdict(counts: Summary): TierResult {
  const count = (name: string): number => counts.get(name) ?? 0
  const took = `${(count('duration_ms') / 1_000).toFixed(1)} s`
  const bad = ['fail', 'cancelled', 'skipped', 'todo'].filter((name) => count(name) > 0)
  if (bad.length > 0)
    return { kind: 'failed', detail: bad.map((name) => `${count(name)} ${name}`).join(', ') }
  if (count('pass') === 0) return { kind: 'could not run', detail: 'no test was executed' }
  return { kind: 'passed', detail: `${count('pass')} tests, ${took}` }
}
