// Named imports: a bundler then leaves out most of the SDK, which `import()` of the whole would keep.
import {
  defaultStackParser,
  linkedErrorsIntegration,
  makeNodeTransport,
  NodeClient,
  Scope,
} from '@sentry/node'
import type { ErrorReporter, SentryOptions } from './sentry.ts'

export function createSentryClient({ dsn, environment, service, scrubber }: SentryOptions): ErrorReporter {
  const client = new NodeClient({
    dsn,
    ...(environment !== undefined && { environment }),
    transport: makeNodeTransport,
    stackParser: defaultStackParser,
    integrations: [linkedErrorsIntegration()],
    enableRuntimeChannelInjection: false,
    tracePropagationTargets: [],
    sendClientReports: false,
    beforeSend: (event) => {
      try {
        return JSON.parse(scrubber.scrub(JSON.stringify(event)))
      } catch {
        return null
      }
    },
  })
  client.init()
  return {
    report: (error) => {
      const scope = new Scope()
      scope.setClient(client)
      scope.setTag('service', service)
      scope.captureException(error)
    },
    flush: async (timeoutMs) => {
      await client.flush(timeoutMs)
    },
  }
}
