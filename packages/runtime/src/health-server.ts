// Owns the process's HTTP port: /livez, /readyz and /metrics.
// 1. /livez says only that the event loop turns: it never depends on NATS, Slack or the API server, for a
//    restart would mend none of them.
// 2. Slow, large or many requests cost nobody else anything: small limits, no bodies.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FatalError } from './fatal-error.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

export interface HealthServerOptions {
  /** 0 = any free one. */
  readonly port: number
  /** All addresses if absent. */
  readonly host: string | undefined
  readonly health: Health
  readonly metrics: Metrics
  readonly scrub: (text: string) => string
}

export interface HealthServer extends AsyncDisposable {
  readonly port: number
}

/** A port that cannot be had is a FatalError that names HTTP_PORT. */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer(
    {
      maxHeaderSize: 8 * 1024,
      headersTimeout: 2000,
      requestTimeout: 2000,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 500,
    },
    (request, response) => void answer(request, response, options),
  )
  server.maxConnections = 100
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
      await promise
    },
  }
}

async function answer(
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
  options: HealthServerOptions,
): Promise<void> {
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  }
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('connection', 'close')
    send(405, 'text/plain', 'only GET\n')
    return
  }
  switch (url.split('?', 1)[0]) {
    case '/livez':
      send(200, 'text/plain', 'alive\n')
      return
    case '/readyz': {
      const readiness = options.health.readiness()
      const body = options.scrub(JSON.stringify(readiness, undefined, 2))
      send(readiness.ready ? 200 : 503, 'application/json', `${body}\n`)
      return
    }
    case '/metrics':
      try {
        send(200, options.metrics.contentType, await options.metrics.text())
      } catch (error) {
        send(500, 'text/plain', options.scrub(`metrics cannot be read: ${String(error)}\n`))
      }
      return
    default:
      send(404, 'text/plain', 'here are /livez, /readyz and /metrics\n')
  }
}

async function listen(server: Server, { port, host }: HealthServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ port, ...(host !== undefined && { host }) }, resolve)
  try {
    await promise
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = { EADDRINUSE: 'is taken by another process', EACCES: 'may not be used by this user' }[
      code ?? ''
    ]
    throw new FatalError(`HTTP_PORT ${port} ${reason ?? `cannot be listened on (${code})`}`, {
      remedy: 'set HTTP_PORT to a free one, or HTTP_HOST to an address of this machine',
      cause: error,
    })
  }
  server.off('error', reject)
}
