/** Feeds every entry point with wrong inputs and says which of them did harm. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../simulation/random.ts'
import type { EntryPoint } from './entry-point.ts'
import { entryPoints } from './entry-points.ts'
import { mutate } from './mutate.ts'

export interface Harm {
  readonly entryPoint: string
  readonly input: string
  readonly what: string
}

/**
 * `count` inputs in all, those that once did harm first. `patience` is by how much longer an input may take: on a
 * machine that others use, the same work costs several times as much.
 */
export function fuzz(seed: number, count: number, patience: number = 1): readonly Harm[] {
  const random = new Random(seed)
  const each = Math.ceil(count / entryPoints.length)
  return entryPoints.flatMap((entryPoint) => {
    const { samples } = entryPoint
    const kept = keptInputs(entryPoint)
    const fresh = Array.from({ length: Math.max(0, each - kept.length - samples.length) })
    for (const input of [...samples, ...kept]) {
      const harm = harmOf(entryPoint, input, patience)
      if (harm !== undefined) return [harm]
    }
    for (const _ of fresh) {
      const harm = harmOf(entryPoint, mutate(random.pick(samples), random), patience)
      if (harm !== undefined) return [harm]
    }
    return []
  })
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
    return {
      entryPoint: name,
      input,
      what: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }
  }
}

function timeOf(take: EntryPoint['take'], input: string): number {
  const before = process.threadCpuUsage()
  take(input)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}
