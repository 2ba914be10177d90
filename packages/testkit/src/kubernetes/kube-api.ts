/**
 * Owns the connections of one user to one API server: the test bed's own small client.
 *
 * 1. A request that gets no answer within 10 s fails; only a watch may be silent.
 * 2. It repeats nothing: a test decides itself what an outage means.
 */
import { Agent, type Dispatcher } from 'undici'
import { KubeApiError } from './kube-api-error.ts'
import type { KubeList, KubeObject } from './objects.ts'
import { splitLines } from './split-lines.ts'

export interface KubeAccess {
  /** `https://127.0.0.1:<port>` */
  readonly url: string
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string
  /** Bearer token. */
  readonly token: string
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

type PatchKind = 'merge' | 'strategic' | 'json'

const patchTypes: Readonly<Record<PatchKind, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
}

const answerWithinMs = 10_000

export class KubeApi implements AsyncDisposable {
  readonly #access: KubeAccess
  readonly #agent: Agent

  constructor(access: KubeAccess) {
    this.#access = access
    this.#agent = new Agent({
      allowH2: false,
      connect: { ca: access.ca, timeout: 3_000 },
      headersTimeout: answerWithinMs,
      bodyTimeout: answerWithinMs,
    })
  }

  /** Throws KubeApiError for an answer that is not a success, undici's errors for none. */
  get<T = KubeObject>(path: string): Promise<T> {
    return this.#send<T>('GET', path)
  }

  list<T = KubeObject>(path: string): Promise<KubeList<T>> {
    return this.get<KubeList<T>>(path)
  }

  create<T = KubeObject>(path: string, object: unknown): Promise<T> {
    return this.#send<T>('POST', path, object)
  }

  patch<T = KubeObject>(path: string, patch: unknown, kind: PatchKind = 'merge'): Promise<T> {
    return this.#send<T>('PATCH', path, patch, patchTypes[kind])
  }

  delete(path: string, options: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return this.#send('DELETE', path, options)
  }

  /** The events of one watch, until the server or `signal` ends it. An ERROR event is thrown as KubeApiError. */
  async *watch<T = KubeObject>(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const search = new URLSearchParams({ watch: '1', ...query })
    const { body } = await this.#request({
      method: 'GET',
      path: `${path}?${search.toString()}`,
      signal,
      bodyTimeout: 0,
    })
    for await (const line of splitLines(body)) {
      const event = JSON.parse(line) as WatchEvent<T>
      if (event.type === 'ERROR') throw new KubeApiError(`WATCH ${path}`, event.object)
      yield event
    }
  }

  async #send<T>(
    method: Dispatcher.HttpMethod,
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<T> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } }
    const answer = await this.#request({ method, path, ...sent })
    const text = await answer.body.text()
    // readyz and its kin answer in plain text.
    return (answer.headers['content-type']?.includes('json') ? JSON.parse(text) : text) as T
  }

  async #request(
    options: Omit<Dispatcher.RequestOptions, 'origin' | 'headers'> & { headers?: Record<string, string> },
  ): Promise<Dispatcher.ResponseData> {
    const answer = await this.#agent.request({
      ...options,
      origin: this.#access.url,
      headers: {
        authorization: `Bearer ${this.#access.token}`,
        accept: 'application/json',
        ...options.headers,
      },
    })
    if (answer.statusCode < 400) return answer
    const text = await answer.body.text()
    throw new KubeApiError(`${options.method} ${options.path}`, parseStatus(text, answer.statusCode))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }
}

/** A refusal is a Status object, save for a 429 of the server's own queues, which is plain text. */
function parseStatus(text: string, code: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { code, reason: '', message: text.trim() }
  }
}
