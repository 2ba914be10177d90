/** A process per core, each with inputs of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Apart from the seeds of other days. */
const seedsApart = 1_000_000

/** Whether none did harm and all came to their end; each says itself what it found, and its seed. */
export async function fuzzOnCores(
  { seed, count }: { readonly seed: number; readonly count: number },
  workers: number,
): Promise<boolean> {
  const program = join(import.meta.dirname, 'main.ts')
  const each = String(Math.ceil(count / workers))
  const ends = Array.from({ length: workers }, async (_, worker) => {
    const inputs = [each, String(seed + worker * seedsApart)]
    const child = spawn(process.execPath, [program, ...inputs, '--workers', '1'], { stdio: 'inherit' })
    const [code] = (await once(child, 'close')) as [number | null]
    return code === 0
  })
  return (await Promise.all(ends)).every(Boolean)
}
