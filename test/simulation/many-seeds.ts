// Owns the playing of more seeds than one process should: on every core, a piece at a time, so that nothing adds up.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SeedRange {
  readonly from: number
  readonly count: number
  /** Handed on as they are. */
  readonly options: readonly string[]
}

const seedsPerProcess = 500
// Most of what a simulated world makes is gone at its end: fewer, larger sweeps of what is young, on the core that made it.
const nodeOptions = ['--max-semi-space-size=32', '--single-threaded-gc']

/** Minutes of rollouts played, or what the first process that found something said. */
export async function playMany(range: SeedRange, workers: number): Promise<number | string> {
  const size = Math.min(seedsPerProcess, Math.ceil(range.count / workers))
  const end = range.from + range.count
  let next = range.from
  let minutes = 0
  let found: string | undefined
  const playing = new Set<ChildProcess>()
  // What the first process compiles the others find there.
  const cache = await mkdtemp(join(tmpdir(), 'hermod-simulation-'))
  const work = async (): Promise<void> => {
    while (next < end && found === undefined) {
      const from = next
      const count = Math.min(size, end - from)
      next += count
      const { code, output } = await play({ ...range, from, count }, playing, cache)
      const [, played] = /; (\d+) minutes of rollouts in /.exec(output) ?? []
      if (code === 0 && played !== undefined) minutes += Number(played)
      else if (found === undefined) {
        found = output
        for (const child of playing) child.kill()
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: workers }, work))
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
  return found ?? minutes
}

async function play(
  { from, count, options }: SeedRange,
  playing: Set<ChildProcess>,
  cache: string,
): Promise<{ code: number | null; output: string }> {
  const program = join(import.meta.dirname, 'main.ts')
  const range = ['--workers', '1', '--from', String(from), '--seeds', String(count)]
  const child = spawn(process.execPath, [...nodeOptions, program, ...range, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  })
  playing.add(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    code,
    output: output || `the process that played seeds ${from} to ${from + count - 1} said nothing`,
  }
}
