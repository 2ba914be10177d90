// Owns the question whether the sandbox is to end: Ctrl-C, SIGTERM, a closed terminal, or a parent that is gone
// (npm was killed: nobody could ask us any more). The second signal ends at once; testkit's guardian then kills
// what still runs.
import { readFileSync } from 'node:fs'

const parentCheckMs = 1_000
// npm passes a signal on that the terminal has sent to us too: two of them at once are one wish.
const oneWishMs = 1_000

/** How far up npm is: it starts a shell, which starts the bootstrap, which starts us. */
const generationsToNpm = 3

/** Resolves when the sandbox is to end. */
export async function stopRequest(startedByNpm: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let askedAt: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      askedAt ??= performance.now()
      if (performance.now() - askedAt > oneWishMs) process.exit(1)
      resolve()
    })
  }
  const generations = startedByNpm ? generationsToNpm : 1
  const parents = ancestors(generations)
  const timer = setInterval(() => {
    if (ancestors(generations) !== parents) resolve()
  }, parentCheckMs)
  timer.unref()
  // Nobody reads the output of a closed terminal; that is no reason to leave processes behind.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  await promise
}

/** The process ids of so many generations above us; our parent's alone where there is no /proc. */
function ancestors(generations: number): string {
  const pids = [process.ppid]
  while (pids.length < generations) {
    const parent = parentOf(pids.at(-1))
    if (parent === undefined) break
    pids.push(parent)
  }
  return pids.join()
}

function parentOf(pid: number | undefined): number | undefined {
  try {
    // `PID (NAME) STATE PARENT …`, and the name may hold anything.
    return Number(/.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}
