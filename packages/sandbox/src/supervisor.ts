/**
 * Owns one process of the sandbox, from its start to the sandbox's end.
 *
 * 1. While the sandbox lives, so does the process: whatever ends it, it is started again (restart-policy.ts).
 * 2. When the sandbox ends, so does the process, also after a kill -9 of the sandbox (testkit's guardian).
 * 3. It has a session of its own: Ctrl-C reaches the sandbox alone, which then ends everything in order.
 * 4. What it writes goes to its log file, which holds the time since the sandbox was started.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, truncateSync } from 'node:fs'
import { sleep } from '@hermod/runtime'
import { guardProcess } from '@hermod/testkit'
import { decideRestart } from './restart-policy.ts'

const stopWithinMs = 10_000

export interface ProcessSpec {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logFile: string
}

export type ProcessEvent =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'ended'; readonly how: string; readonly restartInMs: number }
  | { readonly kind: 'gave-up'; readonly how: string }

/** Starts the process and keeps it running until it is disposed, which ends it: SIGTERM, after 10 s SIGKILL. */
export function superviseProcess(spec: ProcessSpec, onEvent: (event: ProcessEvent) => void): AsyncDisposable {
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  const keepRunning = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const startedAt = performance.now()
      child = startChild(spec)
      if (child.pid !== undefined) onEvent({ kind: 'started', pid: child.pid })
      const how = await ending(child)
      if (stopping.signal.aborted) return
      const ranMs = performance.now() - startedAt
      const decision = decideRestart({ exitCode: child.exitCode, ranMs, failures })
      if (decision.kind === 'give-up') return onEvent({ kind: 'gave-up', how })
      failures = decision.failures
      onEvent({ kind: 'ended', how, restartInMs: decision.afterMs })
      await sleep(decision.afterMs, stopping.signal)
    }
  }
  closeSync(openSync(spec.logFile, 'a', 0o600))
  truncateSync(spec.logFile)
  const ended = keepRunning()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      child?.kill('SIGTERM')
      const killer = setTimeout(() => child?.kill('SIGKILL'), stopWithinMs)
      await ended
      clearTimeout(killer)
    },
  }
}

function startChild({ command, cwd, env, logFile }: ProcessSpec): ChildProcess {
  const [program, ...args] = command
  const log = openSync(logFile, 'a')
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  if (child.pid !== undefined) child.once('exit', guardProcess(child.pid))
  return child
}

/** How it ended, in words: a program that could not be started has said nothing in its log, so we do. */
async function ending(child: ChildProcess): Promise<string> {
  try {
    await once(child, 'exit')
  } catch (error) {
    return `could not be started: ${error instanceof Error ? error.message : String(error)}`
  }
  return child.signalCode === null
    ? `ended with exit code ${child.exitCode}`
    : `was ended by ${child.signalCode}`
}
