import type { ApiRequest, ApiResponse, ApiTransport } from '../api-server/api-transport.ts'

/** What happens to the objects, whoever watches. `recreate` is a deletion and a creation under one name. */
export type Operation =
  | { readonly kind: 'put' | 'delete' | 'recreate'; readonly name: string }
  | { readonly kind: 'compact' }

/** How a request ends before its time, after so many lines or objects. */
export type Fault =
  | {
      readonly kind: 'close' | 'reset' | 'truncate' | 'malform' | 'silence' | 'error-event'
      readonly after: number
    }
  | { readonly kind: 'status'; readonly status: number }

/** What one request meets. */
export interface Scene {
  /** Happens before the request is answered: nobody watches. */
  readonly before: readonly Operation[]
  /** Happens while its watch is open. */
  readonly during: readonly Operation[]
  readonly fault: Fault | undefined
  /** Bytes are cut into chunks of this size. */
  readonly chunk: number
}

interface ModelObject {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: number
}

interface ModelEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: ModelObject
}

/** The history of one collection, and the API server's way of telling it, faults included. */
export class ModelApiServer implements ApiTransport {
  readonly objects: Map<string, ModelObject> = new Map()
  readonly deletedUids: Set<string> = new Set()
  readonly #scenes: Scene[]
  readonly #history: ModelEvent[] = []
  readonly #snapshots: ModelObject[][] = []
  #resourceVersion = 10
  #compacted = 0
  #uids = 0
  readonly #told = Promise.withResolvers<void>()

  constructor(scenes: readonly Scene[]) {
    this.#scenes = [...scenes]
  }

  /** Resolves when a watch has told everything that ever happens. */
  get told(): Promise<void> {
    return this.#told.promise
  }

  async request({ query, onSent, signal }: ApiRequest): Promise<ApiResponse> {
    onSent?.()
    const scene: Scene = this.#scenes.shift() ?? { before: [], during: [], fault: undefined, chunk: 1_000 }
    scene.before.forEach((operation) => this.#apply(operation))
    if (scene.fault?.kind === 'status') {
      scene.during.forEach((operation) => this.#apply(operation))
      return { status: scene.fault.status, body: bytes(['{"message":"no"}'], 100) }
    }
    const lines = query['watch'] === 'true' ? this.#watch(query, scene) : this.#page(query, scene)
    return { status: 200, body: this.#faulty(lines, scene, signal) }
  }

  *#watch(query: ApiRequest['query'], { during }: Scene): Generator<string | undefined> {
    let from = Number(query['resourceVersion'] ?? '0')
    if (query['sendInitialEvents'] === 'true') {
      from = this.#resourceVersion
      for (const object of this.#sorted()) yield line('ADDED', object)
      yield endMark(from)
    }
    const operations = [...during]
    for (;;) {
      if (from < this.#compacted) {
        yield JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
        return
      }
      const next = this.#history.find(({ object }) => object.resourceVersion > from)
      if (next !== undefined) {
        from = next.object.resourceVersion
        yield line(next.type, next.object)
        continue
      }
      const operation = operations.shift()
      if (operation !== undefined) this.#apply(operation)
      else yield undefined
    }
  }

  // As a real server it answers each page from the state of the first.
  *#page(query: ApiRequest['query'], { during }: Scene): Generator<string> {
    const first = `0/${this.#resourceVersion}/${this.#snapshots.push(this.#sorted()) - 1}`
    const [start = 0, resourceVersion = 0, snapshot = 0] = (query['continue'] ?? first).split('/').map(Number)
    if (resourceVersion < this.#compacted) {
      yield '{"kind":"Status","code":410}'
      return
    }
    const all = this.#snapshots[snapshot] ?? []
    const end = start + 2
    const more = end < all.length ? { continue: `${end}/${resourceVersion}/${snapshot}` } : {}
    const metadata = { resourceVersion: String(resourceVersion), ...more }
    yield JSON.stringify({ items: all.slice(start, end).map(wire), metadata })
    during.forEach((operation) => this.#apply(operation))
  }

  async *#faulty(
    lines: Generator<string | undefined>,
    { fault, chunk }: Scene,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const after = fault !== undefined && 'after' in fault ? fault.after : Number.POSITIVE_INFINITY
    let count = 0
    for (const text of lines) {
      if (text === undefined || (fault?.kind === 'silence' && count >= after)) {
        if (this.#scenes.length === 0 && text === undefined) this.#told.resolve()
        // With nothing left to tell, the server ends the watch; the last one stays open.
        if (this.#scenes.length > 0 && fault?.kind !== 'silence') return
        await aborted(signal)
      }
      if (text === undefined) return
      if (count++ < after) yield* bytes([`${text}\n`], chunk)
      else if (fault?.kind === 'close') return
      else if (fault?.kind === 'malform') yield* bytes(['{"type":"MODI\n'], chunk)
      else if (fault?.kind === 'error-event')
        yield* bytes(['{"type":"ERROR","object":{"code":500}}\n'], chunk)
      else if (fault?.kind === 'truncate') {
        yield* bytes([text.slice(0, text.length / 2)], chunk)
        return
      } else throw new Error('ECONNRESET')
    }
  }

  #apply(operation: Operation): void {
    if (operation.kind === 'compact') {
      this.#compacted = ++this.#resourceVersion
      this.#history.splice(0)
      return
    }
    const { kind, name } = operation
    const before = this.objects.get(name)
    if (before !== undefined && kind !== 'put') {
      this.objects.delete(name)
      this.deletedUids.add(before.uid)
      this.#record('DELETED', { ...before, resourceVersion: ++this.#resourceVersion })
    }
    if (kind === 'delete') return
    const uid = before === undefined || kind === 'recreate' ? `uid-${++this.#uids}` : before.uid
    const object = { name, uid, resourceVersion: ++this.#resourceVersion }
    this.objects.set(name, object)
    this.#record(uid === before?.uid ? 'MODIFIED' : 'ADDED', object)
  }

  #record(type: ModelEvent['type'], object: ModelObject): void {
    this.#history.push({ type, object })
  }

  #sorted(): ModelObject[] {
    return [...this.objects.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

function wire({ name, uid, resourceVersion }: ModelObject): object {
  return { metadata: { namespace: 'n', name, uid, resourceVersion: String(resourceVersion) } }
}

function line(type: string, object: ModelObject): string {
  return JSON.stringify({ type, object: wire(object) })
}

function endMark(resourceVersion: number): string {
  const annotations = { 'k8s.io/initial-events-end': 'true' }
  return JSON.stringify({
    type: 'BOOKMARK',
    object: { metadata: { resourceVersion: String(resourceVersion), annotations } },
  })
}

async function* bytes(texts: readonly string[], chunk: number): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    const all = Buffer.from(text)
    for (let at = 0; at < all.length; at += chunk) yield all.subarray(at, at + chunk)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
  if (signal.aborted) reject(new Error('aborted'))
  return promise
}
