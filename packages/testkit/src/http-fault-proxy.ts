import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import {
  type FaultRule,
  FaultScript,
  type HttpAnswer,
  type HttpFault,
  type InjectedFault,
} from './http/http-faults.ts'
import { type StandInRequest, startHttpStandIn } from './http/http-stand-in.ts'
import { editLines, type LineEdit } from './http/line-edit.ts'

/**
 * Owns an HTTP proxy between a client of ours and a real server, such as the API server: plain HTTP toward the
 * client, HTTP or TLS toward the server, so that faults can be put into single requests and event lines.
 * 1. What no fault hits passes unaltered, Authorization and each chunk of a stream at once.
 * 2. `effect` of a fault says whether the request reaches the server, before or without its reply.
 * 3. When a client goes, its request to the server goes too.
 */
export interface HttpFaultProxyOptions {
  /** `https://127.0.0.1:6443` */
  upstream: string
  /** PEM of the authority behind the upstream's certificate. */
  ca?: string
  /** A free one by default. */
  port?: number
}

/** One request as the proxy saw it. Its headers, and so its credentials, are not kept. */
export interface ProxiedRequest {
  /** Rises from 1 in order of arrival. */
  readonly id: number
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Kind or label of the fault that hit it. */
  readonly fault?: string
  /** What the client was told; absent while it waits, and if it was told nothing. */
  readonly status?: number
  readonly ended: boolean
}

export interface HttpFaultProxy extends AsyncDisposable {
  readonly port: number
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Every request so far. */
  readonly requests: readonly ProxiedRequest[]
  inject(fault: HttpFault, rule?: FaultRule<ProxiedRequest>): InjectedFault
  /** Alters the lines of the replies to matching requests: those of a watch, above all. */
  injectLines(edit: LineEdit, rule?: FaultRule<ProxiedRequest>): InjectedFault
  liftFaults(): void
}

export async function startHttpFaultProxy({
  upstream,
  ca,
  port,
}: HttpFaultProxyOptions): Promise<HttpFaultProxy> {
  const target = new URL(upstream)
  const agent =
    target.protocol === 'https:'
      ? new HttpsAgent({ keepAlive: true, ca })
      : new HttpAgent({ keepAlive: true })
  const requests: { -readonly [K in keyof ProxiedRequest]: ProxiedRequest[K] }[] = []
  const faults = new FaultScript<ProxiedRequest>()
  const lineFaults = new FaultScript<ProxiedRequest, LineEdit>()

  const server = await startHttpStandIn<ProxiedRequest>({
    port,
    faults,
    begin(received) {
      const { method, url } = received
      const logged: (typeof requests)[number] = {
        id: requests.length + 1,
        method,
        path: url.pathname,
        query: url.searchParams,
        ended: false,
      }
      requests.push(logged)
      return {
        call: logged,
        carryOut: async () =>
          asAnswer(await forward(received, target, agent), received.signal, lineFaults.take(logged)),
        ended({ fault, status }) {
          Object.assign(logged, {
            ended: true,
            ...(fault && { fault: fault.label ?? fault.kind }),
            ...(status && { status }),
          })
        },
      }
    },
  })
  return {
    port: server.port,
    url: server.url,
    requests,
    inject: (fault, rule) => faults.inject(fault, rule),
    injectLines: (edit, rule) => lineFaults.inject(edit, rule),
    liftFaults() {
      faults.liftAll()
      lineFaults.liftAll()
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      agent.destroy()
    },
  }
}

/** Resolves with the head of the reply. A server that cannot be reached ends the client's connection. */
async function forward(
  { method, url, headers, body }: StandInRequest,
  target: URL,
  agent: HttpAgent,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest
  // Without compression, so that lines are lines.
  const { 'accept-encoding': _, ...rest } = endToEnd(headers)
  const outgoing = send(new URL(url.pathname + url.search, target), {
    method,
    agent,
    headers: { ...rest, host: target.host },
  })
  outgoing.once('response', resolve)
  outgoing.on('error', reject)
  outgoing.end(body)
  return await promise
}

function asAnswer(reply: IncomingMessage, clientGone: AbortSignal, edit: LineEdit | undefined): HttpAnswer {
  const leave = () => reply.destroy()
  if (clientGone.aborted) leave()
  else clientGone.addEventListener('abort', leave, { once: true })
  const { 'content-length': length, ...headers } = endToEnd(reply.headers)
  return {
    status: reply.statusCode ?? 502,
    headers: { ...headers, ...(length !== undefined && !edit && { 'content-length': length }) },
    stream: () => (edit ? editLines(reply, edit) : reply),
  }
}

/** Headers that belong to the message and not to one connection. */
function endToEnd(headers: IncomingHttpHeaders): Record<string, string> {
  const own = ['connection', 'keep-alive', 'transfer-encoding', 'host', 'upgrade']
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      own.includes(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  )
}
