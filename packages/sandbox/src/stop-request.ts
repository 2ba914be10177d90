// Owns the question whether the sandbox is to end: Ctrl-C, SIGTERM, a closed terminal, or a parent that is gone
// (npm was killed: nobody could ask us any more). The second signal ends at once; testkit's guardian then kills
// what still runs.

const parentCheckMs = 1_000
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Aborted, with the reason in words, when the sandbox is to end. */
export function stopRequest(): AbortSignal {
  const stop = new AbortController()
  for (const signal of stopSignals) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1)
      stop.abort(signal)
    })
  }
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) stop.abort('the process that started it is gone')
  }, parentCheckMs)
  timer.unref()
  // Nobody reads the output of a closed terminal; that is no reason to leave the processes behind.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  return stop.signal
}
