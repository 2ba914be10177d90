import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const sweep = runInNewContext('gc') as () => void

/** How much more memory is in use after `work` than before, once everything that nobody holds is gone. */
export async function keptBytes(work: () => void): Promise<number> {
  const before = await inUse()
  work()
  return (await inUse()) - before
}

async function inUse(): Promise<number> {
  // What is outside of the heap goes one turn after what held it.
  for (let times = 0; times < 3; times++) {
    await nextTurn()
    sweep()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
