/** A process per core, each with inputs of its own. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Apart from the seeds of other days. */
const seedsApart = 1_000_000

/** How many did harm; each process shows its own. Throws if one did not come to its end. */
export async function fuzzOnCores(
  { seed, count }: { readonly seed: number; readonly count: number },
  workers: number,
): Promise<number> {
  const program = join(import.meta.dirname, 'main.ts')
  const each = Math.ceil(count / workers)
  const found = Array.from({ length: workers }, async (_, worker) => {
    const from = seed + worker * seedsApart
    const child = fork(program, [String(each), String(from), '--workers', '1'])
    let harms: unknown
    child.on('message', (message) => {
      harms = message
    })
    const [code] = (await once(child, 'close')) as [number | null]
    if (typeof harms !== 'number') throw new Error(`the process with seed ${from} ended with ${code}`)
    return harms
  })
  return (await Promise.all(found)).reduce((sum, harms) => sum + harms, 0)
}
