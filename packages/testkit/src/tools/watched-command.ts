import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Environment } from '../environment.ts'
import { guardGroup } from '../process/guardian.ts'

export interface WatchedCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Environment
  readonly onLine?: (line: string) => void
  /** Ended when it writes nothing for so long: a download that hangs has no other sign. */
  readonly silenceMs: number
}

export type Ending =
  | { readonly kind: 'done'; readonly output: string }
  | { readonly kind: 'not-installed' }
  | { readonly kind: 'failed'; readonly output: string }
  | { readonly kind: 'silent' }

/**
 * Runs a command to its end; its stdout and stderr are one text. It is a group of its own: what it starts, such as the
 * compilers of a build, ends with it when we end before it.
 */
export async function runWatched(given: WatchedCommand): Promise<Ending> {
  const { command, args, env, onLine, silenceMs } = given
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const spare = child.pid === undefined ? (): void => undefined : guardGroup(child.pid)
  const lines: string[] = []
  let silent = false
  const timer = setTimeout(() => {
    silent = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, silenceMs)
  const takeLine = (line: string): void => {
    timer.refresh()
    lines.push(line)
    onLine?.(line)
  }
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', takeLine)
  const { promise: ended, resolve } = Promise.withResolvers<number | Error | null>()
  child.once('error', resolve).once('close', resolve)
  const result = await ended
  clearTimeout(timer)
  spare()
  if (result instanceof Error) return { kind: 'not-installed' }
  if (silent) return { kind: 'silent' }
  return { kind: result === 0 ? 'done' : 'failed', output: lines.join('\n') }
}
