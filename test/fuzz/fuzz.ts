/** Feeds every entry point with wrong inputs and says which of them did harm. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Random } from '../simulation/random.ts'
import type { EntryPoint } from './entry-point.ts'
import { entryPoints } from './entry-points.ts'
import { keptBytes } from './kept-bytes.ts'
import { mutate } from './mutate.ts'

export interface Harm {
  readonly entryPoint: string
  readonly input: string
  readonly what: string
}

export interface Fuzzing {
  readonly seed: number
  /** In all, those that once did harm first. */
  readonly count: number
  /** By how much longer an input may take: on a machine that others use, the same work costs several times as much. */
  readonly patience?: number
  readonly at?: readonly EntryPoint[]
}

/** What caches and the compiler may keep; more than this of each input, time after time, is a leak. */
const keptOfEach = 200
const keptAtAll = 2 ** 18

/** At most one harm of each entry point. */
export async function fuzz({
  seed,
  count,
  patience = 1,
  at = entryPoints,
}: Fuzzing): Promise<readonly Harm[]> {
  const random = new Random(seed)
  const harms: Harm[] = []
  const rejected: unknown[] = []
  const reject = (error: unknown): void => void rejected.push(error)
  // Whoever else listens would end the run before it is known which input it was.
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', reject)
  try {
    for (const entryPoint of at) {
      const each = Math.ceil(count / at.length)
      const harm =
        (await throwAt(entryPoint, inputsOf(entryPoint, each, random), patience, rejected)) ??
        (await growthOf(entryPoint, each, random))
      if (harm) harms.push(harm)
    }
  } finally {
    process.off('unhandledRejection', reject)
    for (const other of others) process.on('unhandledRejection', other)
  }
  return harms
}

function* inputsOf(entryPoint: EntryPoint, count: number, random: Random): Generator<string> {
  const known = [...entryPoint.samples, ...keptInputs(entryPoint)]
  yield* known
  for (let fresh = count - known.length; fresh > 0; fresh--)
    yield mutate(random.pick(entryPoint.samples), random)
}

async function throwAt(
  entryPoint: EntryPoint,
  inputs: Iterable<string>,
  patience: number,
  rejected: unknown[],
): Promise<Harm | undefined> {
  for (const input of inputs) {
    const harm = harmOf(entryPoint, input, patience)
    if (harm !== undefined) return harm
    await nextTurn()
    const [error] = rejected.splice(0)
    if (error !== undefined)
      return { entryPoint: entryPoint.name, input, what: `unhandled: ${textOf(error)}` }
  }
  return undefined
}

// What grows once and then no more is a cache that fills.
async function growthOf(entryPoint: EntryPoint, count: number, random: Random): Promise<Harm | undefined> {
  const most = Math.min(count, 20_000)
  const bound = keptAtAll + keptOfEach * most
  let least = Number.POSITIVE_INFINITY
  for (let times = 0; times < 3 && least > bound; times++) {
    const kept = await keptBytes(() => {
      for (const input of inputsOf(entryPoint, most, random)) entryPoint.take(input)
    })
    least = Math.min(least, kept)
  }
  if (least <= bound) return undefined
  const what = `${Math.round(least / 1024)} KiB of ${most} inputs stay in memory`
  return { entryPoint: entryPoint.name, input: '', what }
}

function keptInputs({ name }: EntryPoint): readonly string[] {
  const folder = join(import.meta.dirname, 'corpus', name.replaceAll(/\W+/g, '-'))
  return globSync('*', { cwd: folder })
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
}

function harmOf(entryPoint: EntryPoint, input: string, patience: number): Harm | undefined {
  const { name, take } = entryPoint
  const longestMs = (entryPoint.longestMs ?? 50) * patience
  try {
    if (timeOf(take, input) <= longestMs) return undefined
    // What the collector swept up meanwhile, or the processor did for others, was not this input's.
    const leastMs = Math.min(...Array.from({ length: 5 }, () => timeOf(take, input)))
    return leastMs <= longestMs
      ? undefined
      : { entryPoint: name, input, what: `took ${Math.round(leastMs)} ms` }
  } catch (error) {
    return { entryPoint: name, input, what: textOf(error) }
  }
}

function timeOf(take: EntryPoint['take'], input: string): number {
  const before = process.threadCpuUsage()
  take(input)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
