// Owns the connections to one API server.
// T1. One undici Agent, HTTP/1.1: an HTTP/2 ping without an answer would keep TCP's keepalive from noticing a
//     dead link. Kept-alive connections make a reconnect cost a millisecond.
// T2. Credentials are asked for at each request; other TLS material means a new Agent, and the old one lives
//     until its last watch ends.
// T3. A 401 makes the credentials anew and is tried once more.
// T4. At most 50 requests a second, however many collections are watched; a question about single objects never
//     stands in the way of a list or a watch.
import type { ConnectionOptions } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import { type Pace, RequestPace } from './request-pace.ts'

/** How to reach the API server, and as whom. */
export interface ApiCredentials {
  /** `https://10.0.0.1:443`, perhaps with a path in front of every other. */
  readonly server: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls: Pick<
    ConnectionOptions,
    'ca' | 'cert' | 'key' | 'passphrase' | 'servername' | 'rejectUnauthorized'
  >
  readonly proxyUrl?: string | undefined
}

/** Asked at each request; `renew` after the server refused the last answer. */
export type CredentialSource = (options: { readonly renew: boolean }) => Promise<ApiCredentials>

export interface ApiRequest {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** One of perhaps very many that can wait. */
  readonly patient?: boolean
  /** JSON of a question that the API takes as a POST: nothing is written by it. */
  readonly body?: string
  /** Its turn has come: only from now on can it be the server that is late. */
  readonly onSent?: () => void
  readonly signal: AbortSignal
}

export interface ApiResponse {
  readonly status: number
  readonly retryAfterMs?: number | undefined
  /** Leaving the loop over it closes the request. */
  readonly body: AsyncIterable<Uint8Array>
}

export interface ApiTransport {
  /** Throws when no answer comes: what the server does answer is in `status`. */
  readonly request: (request: ApiRequest) => Promise<ApiResponse>
}

const watchPace: Pace = { aSecond: 20, atOnce: 15 }
const questionPace: Pace = { aSecond: 10, atOnce: 5 }
const connectTimeoutMs = 5_000
const keepAliveMs = 15_000
// Shorter than a watch: once its silence is noticed no idle connection of the same dead link is left to be tried.
const idleMs = 20_000

export class HttpTransport implements ApiTransport, AsyncDisposable {
  readonly #credentials: CredentialSource
  readonly #watches = new RequestPace(watchPace)
  readonly #questions = new RequestPace(questionPace)
  #dispatcher: Dispatcher | undefined
  #material = ''

  constructor(credentials: CredentialSource) {
    this.#credentials = credentials
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    const response = await this.#send(request, await this.#credentials({ renew: false }))
    if (response.statusCode !== 401) return answer(response)
    await response.body.dump()
    return answer(await this.#send(request, await this.#credentials({ renew: true })))
  }

  async #send(
    { path, query, patient = false, body, onSent, signal }: ApiRequest,
    credentials: ApiCredentials,
  ): Promise<Dispatcher.ResponseData> {
    await (patient ? this.#questions : this.#watches).turn(signal)
    onSent?.()
    const { origin, pathname } = new URL(credentials.server)
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    return await this.#dispatcherFor(credentials).request({
      origin,
      path: `${pathname.replace(/\/$/, '')}${path}`,
      query: { ...query },
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...type,
        'user-agent': 'hermod-watcher',
        ...credentials.headers,
      },
      ...(body !== undefined && { body }),
      signal,
      // Both are the caller's: a watch is silent by nature, and a list may wait in the server's queue.
      bodyTimeout: 0,
      headersTimeout: 0,
    })
  }

  #dispatcherFor({ tls, proxyUrl }: ApiCredentials): Dispatcher {
    const material = JSON.stringify([tls, proxyUrl])
    if (this.#dispatcher !== undefined && material === this.#material) return this.#dispatcher
    // Closing waits for the requests under way, so nobody is cut off by a rotation.
    void this.#dispatcher?.close().catch(() => undefined)
    this.#material = material
    this.#dispatcher = proxyUrl === undefined ? agentFor(tls) : proxyFor(proxyUrl, tls)
    return this.#dispatcher
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatcher?.destroy()
  }
}

function agentFor(tls: ApiCredentials['tls']): Agent {
  return new Agent({
    allowH2: false,
    connect: { ...tls, timeout: connectTimeoutMs, keepAlive: true, keepAliveInitialDelay: keepAliveMs },
    keepAliveTimeout: idleMs,
  })
}

function proxyFor(uri: string, requestTls: ApiCredentials['tls']): ProxyAgent {
  return new ProxyAgent({ uri, requestTls, allowH2: false })
}

function answer({ statusCode, headers, body }: Dispatcher.ResponseData): ApiResponse {
  const seconds = Number(headers['retry-after'])
  return { status: statusCode, body, ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }) }
}
