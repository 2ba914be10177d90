// Owns what leaves for Sentry.
// 1. Without a DSN the SDK is not even loaded: it costs more memory than the rest of the process life together.
// 2. An event holds what was reported and nothing collected on the way: no integrations, breadcrumbs or headers.
// 3. Every event is scrubbed as log lines are, and dropped if that cannot be done.
import type { Scrubber } from './scrubber.ts'

export interface ErrorReporter {
  readonly report: (error: unknown) => void
  /** Gives what was reported this long to leave. */
  readonly flush: (timeoutMs: number) => Promise<void>
}

export const noErrorReporter: ErrorReporter = { report: () => undefined, flush: () => Promise.resolve() }

export interface SentryOptions {
  readonly dsn: string
  readonly service: string
  readonly scrubber: Scrubber
}

export async function startSentry({ dsn, service, scrubber }: SentryOptions): Promise<ErrorReporter> {
  const sentry = await import('@sentry/node')
  sentry.init({
    dsn,
    // Its own would let an unhandled rejection pass, and record console output and URLs.
    defaultIntegrations: false,
    enableRuntimeChannelInjection: false,
    tracePropagationTargets: [],
    sendClientReports: false,
    maxBreadcrumbs: 0,
    initialScope: { tags: { service } },
    beforeSend: (event) => JSON.parse(scrubber.scrub(JSON.stringify(event))),
  })
  return {
    report: (error) => {
      sentry.captureException(error)
    },
    flush: async (timeoutMs) => {
      await sentry.flush(timeoutMs)
    },
  }
}
