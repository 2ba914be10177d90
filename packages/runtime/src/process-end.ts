// Owns how the process ends.
// 1. Exit code 0: stopped as asked, or done. 1: a bug or an outage, a restart may help. 2: only a person can
//    mend it, and the last words name the remedy.
// 2. The first SIGTERM or SIGINT asks everything to stop, the second ends the process at once.
// 3. Whatever hangs, the process is gone `stopWithinMs` after it was asked, and says what still ran.
// 4. An uncaught exception or unhandled rejection ends it without another step: nobody knows what still holds.
import { writeSync } from 'node:fs'
import { remedyOf } from './fatal-error.ts'
import type { Logger } from './logger.ts'
import { createScrubber, type Scrubber } from './scrubber.ts'
import { type ErrorReporter, noErrorReporter } from './sentry.ts'
import { writeTerminationMessage } from './termination-message.ts'

const reportWithinMs = 2000

/** Why the process is to stop. */
export type StopReason =
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'failed'; readonly error: unknown }

export interface Failure {
  readonly error: unknown
}

/** What an end is told to, as far as the process has got. */
export interface Witnesses {
  log?: Logger
  reporter: ErrorReporter
  readonly scrubber: Scrubber
}

export interface ProcessEnd {
  /** Aborted when the process is to stop. */
  readonly signal: AbortSignal
  /** Settles at the first reason to stop, never rejects. */
  readonly reason: Promise<StopReason>
  readonly witnesses: Witnesses
  /** What the last words name if the process hangs. */
  doing: string
  /** Asks everything to stop because of `error`, which then decides the exit code. */
  readonly fail: (error: unknown) => void
  /** Ends the process now; without a failure as one that did what it was asked. The first call counts. */
  readonly end: (failure?: Failure) => Promise<never>
}

export interface ProcessEndOptions {
  readonly name: string
  readonly terminationLog: string
  readonly stopWithinMs: number
}

export function watchProcess({ name, terminationLog, stopWithinMs }: ProcessEndOptions): ProcessEnd {
  const stop = new AbortController()
  const { promise: reason, resolve } = Promise.withResolvers<StopReason>()
  const witnesses: Witnesses = { reporter: noErrorReporter, scrubber: createScrubber() }
  let ending: Promise<never> | undefined

  const sayLast = (words: string, failure?: Failure): void => {
    const scrubbed = witnesses.scrubber.scrub(words)
    if (witnesses.log) witnesses.log.error(failure === undefined ? {} : { err: failure.error }, words)
    else writeToStderr(`${name}: ${scrubbed}\n`)
    writeTerminationMessage(terminationLog, `${name}: ${scrubbed}`)
  }

  const ask = (why: StopReason): void => {
    if (stop.signal.aborted) return
    resolve(why)
    setTimeout(() => {
      sayLast(
        `did not stop within ${stopWithinMs} ms: it was ${processEnd.doing}; still open: ${openResources()}`,
      )
      process.exit(why.kind === 'failed' ? exitCode(why.error) : 1)
    }, stopWithinMs)
    stop.abort()
  }

  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) {
      sayLast(`second signal, ${signal}: ended at once`)
      process.exit(1)
    }
    witnesses.log?.info({ signal }, 'stopping')
    ask({ kind: 'signal', signal })
  }

  const finish = async (failure: Failure | undefined): Promise<never> => {
    try {
      if (failure !== undefined) {
        sayLast(lastWords(failure.error), failure)
        if (remedyOf(failure.error) === undefined) witnesses.reporter.report(failure.error)
      }
      await witnesses.reporter.flush(reportWithinMs)
    } finally {
      process.exit(failure === undefined ? 0 : exitCode(failure.error))
    }
  }

  const end = (failure?: Failure): Promise<never> => (ending ??= finish(failure))

  const crash = (error: unknown): void => {
    void end({ error })
    stop.abort()
  }

  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)

  const processEnd: ProcessEnd = {
    signal: stop.signal,
    reason,
    witnesses,
    doing: 'starting',
    fail: (error) => {
      witnesses.log?.error({ err: error }, 'stopping because of an error')
      ask({ kind: 'failed', error })
    },
    end,
  }
  return processEnd
}

function exitCode(error: unknown): number {
  return remedyOf(error) === undefined ? 1 : 2
}

function lastWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const remedy = remedyOf(error)
  if (remedy === undefined) return `${error.name}: ${error.message}`
  return `${error.message}:${remedy.startsWith('\n') ? '' : ' '}${remedy}`
}

function openResources(): string {
  const counts = Map.groupBy(process.getActiveResourcesInfo(), (resource) => resource)
  return [...counts].map(([resource, each]) => `${each.length} ${resource}`).join(', ')
}

function writeToStderr(text: string): void {
  try {
    writeSync(2, text)
  } catch {
    // Whoever read it is gone.
  }
}
