// Owns the model of a cluster behind its API, as far as a watcher reads it.
// A1. The cluster is the sandbox's model, which a contract suite holds to a real control plane.
// A2. A stream of events is late, cut off or silent as the faults have it, but never out of order.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Lists } from '../../packages/sandbox/src/cluster/api/list-objects.ts'
import { LiveCluster } from '../../packages/sandbox/src/cluster/api/live-cluster.ts'
import { serveRequest } from '../../packages/sandbox/src/cluster/api/serve-request.ts'
import { newCluster } from '../../packages/sandbox/src/cluster/model/cluster-model.ts'
import type { ClusterOptions } from '../../packages/sandbox/src/cluster/model/cluster-state.ts'
import type { ApiRequest, ApiResponse } from '../../services/watcher/src/api-server/api-transport.ts'
import { after, asProcess, chance, now, type SimulatedProcess } from './virtual-time.ts'

const token = 'simulated'

export class ModelApi {
  readonly cluster: LiveCluster
  readonly #lists: Lists
  readonly #streams = new Set<ResponseStream>()
  #down = false
  /** Answers to every request instead of what it asks for. */
  refuses: number | undefined
  /** Up to so much later a watch tells of an event. */
  lagMs = 2

  constructor(seed: number, options: ClusterOptions) {
    this.cluster = new LiveCluster(newCluster(seed, Date.now()), options)
    this.#lists = new Lists(this.cluster)
  }

  /** Killed, and started again: no watch can be resumed. */
  stop(): void {
    this.#down = true
    for (const stream of this.#streams) stream.break('ECONNRESET')
    this.#lists.forget()
    this.cluster.history.compact(this.cluster.state.version)
  }

  start(): void {
    this.#down = false
  }

  /** Every watch ends with 410 when it is resumed. */
  compact(): void {
    this.cluster.history.compact(this.cluster.state.version)
    for (const stream of this.#streams) stream.break('ECONNRESET')
  }

  /** The links of all watches are dead from here on, and nobody says so. */
  silence(): void {
    for (const stream of this.#streams) stream.isDead = true
  }

  /** What a process had open ends with it. */
  forget(process: SimulatedProcess): void {
    for (const stream of this.#streams) if (stream.process === process) stream.close()
  }

  async request({ path, query, signal }: ApiRequest, process: SimulatedProcess): Promise<ApiResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<ApiResponse>()
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    after(chance().between(1, 4), () => {
      if (!process.alive || signal.aborted) return
      const answer = (): void => {
        if (this.#down) return reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
        if (this.refuses !== undefined) return resolve({ status: this.refuses, body: noBody() })
        const stream = new ResponseStream(process, signal, this)
        this.#streams.add(stream)
        stream.ended = () => this.#streams.delete(stream)
        stream.begun = (status) => resolve({ status, body: stream.read() })
        const url = `${path}?${new URLSearchParams(query).toString()}`
        const request = { url, method: 'GET', headers: { authorization: `Bearer ${token}` } }
        const context = { cluster: this.cluster, lists: this.#lists, token }
        // The server's own timers are not the reader's.
        void asProcess(undefined, () =>
          serveRequest(context, request as IncomingMessage, stream as unknown as ServerResponse),
        )
      }
      asProcess(process, answer)
    })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}

async function* noBody(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('{}')
}

/** What node:http calls a ServerResponse at the server's end, and a body at the reader's. */
class ResponseStream {
  readonly process: SimulatedProcess
  readonly writableLength = 0
  readonly #api: ModelApi
  readonly #signal: AbortSignal
  readonly #arrived: Uint8Array[] = []
  #wake = Promise.withResolvers<void>()
  #lastAt = 0
  #over: 'ended' | 'broken' | undefined
  #code = ''
  #closed: (() => void) | undefined
  headersSent = false
  isDead = false
  begun: (status: number) => void = () => undefined
  ended: () => void = () => undefined

  constructor(process: SimulatedProcess, signal: AbortSignal, api: ModelApi) {
    this.process = process
    this.#signal = signal
    this.#api = api
  }

  writeHead(status: number): this {
    this.headersSent = true
    this.begun(status)
    return this
  }

  flushHeaders(): void {}

  once(_: 'close', listener: () => void): this {
    this.#closed = listener
    return this
  }

  write(text: string): boolean {
    this.#later(() => this.#arrived.push(new TextEncoder().encode(text)))
    return true
  }

  end(text?: string): this {
    if (text !== undefined) {
      if (!this.headersSent) this.writeHead(200)
      this.write(text)
    }
    this.#later(() => (this.#over ??= 'ended'))
    return this
  }

  destroy(): void {
    this.break('ECONNRESET')
  }

  break(code: string): void {
    if (this.isDead) return
    this.#code = code
    this.#over ??= 'broken'
    this.#wake.resolve()
    this.close()
  }

  close(): void {
    this.#closed?.()
    this.#closed = undefined
    this.ended()
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const aborted = (): void => this.#wake.resolve()
    this.#signal.addEventListener('abort', aborted)
    try {
      for (;;) {
        this.#signal.throwIfAborted()
        const chunk = this.#arrived.shift()
        if (chunk) {
          yield chunk
          continue
        }
        if (this.#over === 'ended') return
        if (this.#over === 'broken') throw Object.assign(new Error(this.#code), { code: this.#code })
        await this.#wake.promise
        this.#wake = Promise.withResolvers<void>()
      }
    } finally {
      this.#signal.removeEventListener('abort', aborted)
      this.close()
    }
  }

  #later(arrive: () => void): void {
    const at = Math.max(this.#lastAt, now() + chance().between(0, this.#api.lagMs))
    this.#lastAt = at
    after(at - now(), () => {
      if (this.isDead || this.#over === 'broken' || !this.process.alive) return
      arrive()
      asProcess(this.process, () => this.#wake.resolve())
    })
  }
}
