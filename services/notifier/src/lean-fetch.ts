// Owns the wire to Slack: as much of fetch as its SDK asks for, over Node's own client. fetch itself, Node's or undici's,
// costs 6 MiB and a millisecond of a call.
// F1. One call is one request: no redirect is followed, nothing is repeated.
// F2. A connection that rested for long is not used again: whatever lies between may have forgotten it without a word,
//     and nobody would know for 10 s what became of the message.
// F3. Only an answer with status 200 is read, and no more of it than the longest that Slack sends.
import { once } from 'node:events'
import * as http from 'node:http'
import * as https from 'node:https'

export interface LeanAnswer {
  readonly ok: boolean
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly headers: { get(name: string): string | null; entries(): Iterable<[string, string]> }
  arrayBuffer(): Promise<ArrayBuffer>
  json(): Promise<unknown>
  text(): Promise<string>
}

export interface LeanCall {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal | undefined
}

export interface LeanFetch extends Disposable {
  send(url: string | URL, call: LeanCall): Promise<LeanAnswer>
}

export interface ProxySettings {
  readonly http: string | undefined
  readonly https: string | undefined
  readonly no: string | undefined
}

const neverConnected = 'no connection in time'
/** Far above the longest page that Slack sends. */
const mostBodyBytes = 16 * 1024 * 1024
/** Far below what firewalls and NATs forget after. */
const longestRestMs = 30_000

export function createLeanFetch(proxy: ProxySettings, restMs: number = longestRestMs): LeanFetch {
  const proxyEnv = {
    HTTP_PROXY: proxy.http,
    HTTPS_PROXY: proxy.https ?? proxy.http,
    NO_PROXY: proxy.no,
  }
  const agentOptions = { keepAlive: true, timeout: restMs, proxyEnv }
  const plain = new http.Agent(agentOptions)
  const secure = new https.Agent(agentOptions)
  return {
    async send(url, { method, headers, body, signal }) {
      const target = new URL(url)
      // Node's client alone does not end the wait for a proxy's tunnel.
      const within = { ...(signal && { signal }) }
      const options = { method, headers, ...within }
      const request =
        target.protocol === 'https:'
          ? https.request(target, { ...options, agent: secure })
          : http.request(target, { ...options, agent: plain })
      let isConnected = false
      request.once('socket', (socket) => {
        isConnected = !socket.connecting
        if (socket.connecting)
          socket.once('connect', () => {
            isConnected = true
          })
      })
      // What ends a request after its answer has begun, or after the time, is told below.
      request.on('error', () => undefined)
      try {
        request.end(body)
        const [answer] = (await once(request, 'response', within)) as [http.IncomingMessage]
        return answerOf(target.href, answer, await bodyOf(answer))
      } catch (error) {
        if (!signal?.aborted) throw error
        throw isConnected ? signal.reason : new NeverConnected()
      }
    },
    [Symbol.dispose]() {
      plain.destroy()
      secure.destroy()
    },
  }
}

/** The time was over before there was a connection: nothing can have been sent. */
class NeverConnected extends Error {
  override name = 'NeverConnected'
  readonly code = neverConnected
}

async function bodyOf(answer: http.IncomingMessage): Promise<Buffer> {
  if (answer.statusCode !== 200) {
    answer.destroy()
    return Buffer.alloc(0)
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > mostBodyBytes) throw new Error('an answer larger than 16 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function answerOf(
  url: string,
  { statusCode = 0, statusMessage = '', headers }: http.IncomingMessage,
  body: Buffer,
): LeanAnswer {
  const text = body.toString()
  const entries = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
  return {
    ok: statusCode >= 200 && statusCode < 300,
    status: statusCode,
    statusText: statusMessage,
    url,
    headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null, entries: () => entries },
    arrayBuffer: async () => new Uint8Array(body).buffer,
    json: async () => JSON.parse(text),
    text: async () => text,
  }
}
