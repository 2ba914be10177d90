/**
 * Owns one child process that a test works with.
 *
 * 1. It never outlives us: the guardian kills it when we end, however we end.
 * 2. It keeps no test process alive: a forgotten dispose is no hang.
 * 3. The end of its output is kept, to say why it ended.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { guardProcess } from './guardian.ts'

const keptOutput = 16 * 1024

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number
  readonly running: boolean
  /** Null while it runs, and of one that a signal ended. */
  readonly exitCode: number | null
  /** The last 16 KiB of what it wrote to stdout and stderr. */
  readonly output: string
  signal(signal: NodeJS.Signals): void
  /** Ends it at once (SIGKILL) and waits until it is gone. */
  kill(): Promise<void>
  /** Asks it to end (SIGTERM), also when it is paused; after 5 s it is killed. */
  stop(): Promise<void>
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Whom it runs as; ourselves by default. Only root may name another. */
  readonly uid?: number
  readonly gid?: number
  /** Told all that it writes, piece by piece. */
  readonly hear?: (text: string) => void
}

/** Throws when the program cannot be started at all; how it fares afterwards is the caller's to watch. */
export async function startProcess(
  command: string,
  args: readonly string[],
  { hear, ...options }: ProcessOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const output = collectOutput(child, hear)
  await once(child, 'spawn')
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} started without a process id`)
  const spare = guardProcess(pid)
  child.once('exit', spare)
  child.unref()

  const running = (): boolean => child.exitCode === null && child.signalCode === null
  const signal = (name: NodeJS.Signals): void => {
    if (running()) child.kill(name)
  }
  const gone = async (): Promise<void> => {
    if (!running()) return
    child.ref()
    await once(child, 'exit')
  }
  const kill = async (): Promise<void> => {
    signal('SIGKILL')
    await gone()
  }
  const stop = async (): Promise<void> => {
    signal('SIGTERM')
    signal('SIGCONT')
    // The process itself keeps us waiting: a timer with a reference would do so for 5 s after its end too.
    await Promise.race([gone(), delay(5_000, undefined, { ref: false })])
    await kill()
  }
  return {
    pid,
    get running() {
      return running()
    },
    get exitCode() {
      return child.exitCode
    },
    get output() {
      return output()
    },
    signal,
    kill,
    stop,
    [Symbol.asyncDispose]: kill,
  }
}

function collectOutput(child: ChildProcess, hear?: (text: string) => void): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-keptOutput)
      hear?.(chunk)
    })
    if (stream instanceof Socket) stream.unref()
  }
  return () => text
}
