// Owns the process of a command.
// 1. A reader who leaves early, as `head` does, has what was wanted: the process ends without a word.
// 2. The first SIGINT or SIGTERM asks the command to stop, the second ends it at once.
import type { RunCommand } from './command.ts'

export async function runCommand(
  run: RunCommand,
  {
    env,
    args,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly args: readonly string[] },
): Promise<never> {
  const stop = new AbortController()
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(1)
    stop.abort(new Error('stopped'))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const code = await run({
    env,
    args,
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
    // A person at a terminal would wait without a word, and what they type would be seen.
    readInput: async () => (process.stdin.isTTY ? '' : (await process.stdin.toArray()).join('')),
    signal: stop.signal,
  })
  process.exit(code)
}
