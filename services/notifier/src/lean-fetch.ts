// Owns the wire to Slack: as much of fetch as its SDK asks for, over Node's own client. fetch itself, Node's or undici's,
// costs 25 MiB of memory and most of a call's CPU time.
// F1. One call is one request: no redirect is followed, nothing is repeated.
// F2. Only an answer with status 200 is read, and no more of it than the longest that Slack sends.
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

/** Far above the longest page that Slack sends. */
const mostBodyBytes = 16 * 1024 * 1024

export function createLeanFetch(proxy: ProxySettings): LeanFetch {
  const proxyEnv = {
    HTTP_PROXY: proxy.http,
    HTTPS_PROXY: proxy.https ?? proxy.http,
    NO_PROXY: proxy.no,
  }
  const plain = new http.Agent({ keepAlive: true, proxyEnv })
  const secure = new https.Agent({ keepAlive: true, proxyEnv })
  return {
    async send(url, { method, headers, body, signal }) {
      const target = new URL(url)
      const options = { method, headers, ...(signal && { signal }) }
      const request =
        target.protocol === 'https:'
          ? https.request(target, { ...options, agent: secure })
          : http.request(target, { ...options, agent: plain })
      // What ends a request after its answer has begun is told by the answer.
      request.on('error', () => undefined)
      try {
        request.end(body)
        const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
        return answerOf(target.href, answer, await bodyOf(answer))
      } catch (error) {
        throw signal?.aborted ? signal.reason : error
      }
    },
    [Symbol.dispose]() {
      plain.destroy()
      secure.destroy()
    },
  }
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
