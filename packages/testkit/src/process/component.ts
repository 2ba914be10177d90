import { pauseProcess } from './pause-process.ts'
import type { RunningProcess } from './start-process.ts'

/** One part of a test bed that a test takes away and gives back. */
export interface Component extends AsyncDisposable {
  readonly pid: number
  readonly running: boolean
  /** Null while it runs, and of one that a signal ended. */
  readonly exitCode: number | null
  /** The end of what it wrote. */
  readonly log: string
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>
  /** Starts it again with the same address and data, after a kill if it still runs; resolves when it answers. */
  restart(): Promise<void>
  /** SIGSTOP, in effect on return: connections stay open, nothing answers. */
  pause(): void
  resume(): void
}

/** `start` resolves when the part answers, and says so by an error when it does not. */
export async function startComponent(start: () => Promise<RunningProcess>): Promise<Component> {
  let current = await start()
  return {
    get pid() {
      return current.pid
    },
    get running() {
      return current.running
    },
    get exitCode() {
      return current.exitCode
    },
    get log() {
      return current.output
    },
    kill: () => current.kill(),
    stop: () => current.stop(),
    async restart() {
      await current.kill()
      current = await start()
    },
    pause: () => pauseProcess(current),
    resume: () => current.signal('SIGCONT'),
    [Symbol.asyncDispose]: () => current.kill(),
  }
}
