// Owns the question whether the sandbox is to end: Ctrl-C, SIGTERM, a closed terminal, or a parent that is gone. The
// second signal ends at once; testkit's guardian then kills what still runs.

const parentCheckMs = 1_000
// npm passes a signal on that the terminal has sent to us too: two of them at once are one wish.
const oneWishMs = 1_000

/** Resolves when the sandbox is to end. */
export async function stopRequest(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let askedAt: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      askedAt ??= performance.now()
      if (performance.now() - askedAt > oneWishMs) process.exit(1)
      resolve()
    })
  }
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) resolve()
  }, parentCheckMs)
  timer.unref()
  // Nobody reads the output of a closed terminal; that is no reason to leave processes behind.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  await promise
}
