// Owns what leaves for Sentry.
// 1. Without a DSN the SDK is not even loaded.
// 2. An event holds what was reported and nothing collected on the way: a client of its own, without the SDK's
//    global hooks, breadcrumbs, tracing or headers on other requests.
// 3. An error that comes again and again is reported a few times, for the project's quota is everyone's.
// 4. Every event is scrubbed as log lines are, and dropped if that cannot be done.
import type { Scrubber } from './scrubber.ts'

const mostReportsAMinute = 30

export interface ErrorReporter {
  readonly report: (error: unknown) => void
  /** Gives what was reported this long to leave. */
  readonly flush: (timeoutMs: number) => Promise<void>
}

export const noErrorReporter: ErrorReporter = { report: () => undefined, flush: () => Promise.resolve() }

export interface SentryOptions {
  readonly dsn: string
  readonly environment: string | undefined
  readonly service: string
  readonly scrubber: Scrubber
}

export async function startSentry(options: SentryOptions): Promise<ErrorReporter> {
  const { createSentryClient } = await import('./sentry-client.ts')
  const client = createSentryClient(options)
  let minute = 0
  let reports = 0
  return {
    ...client,
    report: (error) => {
      const now = Math.floor(performance.now() / 60_000)
      if (now !== minute) reports = 0
      minute = now
      if (reports++ < mostReportsAMinute) client.report(error)
    },
  }
}
