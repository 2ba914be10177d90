import { isDeepStrictEqual } from 'node:util'
import type { Change, ClusterOptions, ClusterState, Due, PodLife, Work } from './cluster-state.ts'
import type { Kind, Kinds, Meta, StoredObject } from './objects.ts'
import { Conflict } from './refusal.ts'
import { looksAfter } from './triggers.ts'
import { wholeSeconds } from './whole-seconds.ts'

type Unmade<T> = T extends StoredObject
  ? Omit<T, 'metadata'> & { readonly metadata: Omit<Meta, 'uid' | 'resourceVersion' | 'creationTimestamp'> }
  : never

/** The next state while it is made. Each write counts the version up, is noted as a change, and wakes controllers. */
export class Draft {
  readonly nowMs: number
  readonly options: ClusterOptions
  readonly changes: Change[] = []
  readonly #objects: { -readonly [K in Kind]: ReadonlyMap<string, Kinds[K]> }
  readonly #fresh = new Set<Kind>()
  readonly #agenda: Map<string, Due>
  #failures: ReadonlyMap<string, number>
  #lives: ReadonlyMap<string, PodLife>
  #version: number
  #seed: number
  #now: string | undefined

  constructor(state: ClusterState, options: ClusterOptions, nowMs: number) {
    this.nowMs = nowMs
    this.options = options
    this.#objects = { ...state.objects }
    this.#agenda = new Map(state.agenda)
    // Copied at a write: it is seldom.
    this.#failures = state.failures
    this.#lives = state.lives
    this.#version = state.version
    this.#seed = state.seed
  }

  get now(): string {
    this.#now ??= wholeSeconds(this.nowMs)
    return this.#now
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): Kinds[K] | undefined {
    return this.#objects[kind].get(keyOf(namespace, name))
  }

  /** By name, as the API server lists. */
  list<K extends Kind>(kind: K, namespace: string): readonly Kinds[K][] {
    return [...this.#objects[kind].values()].filter(({ metadata }) => metadata.namespace === namespace)
  }

  create<T extends StoredObject>(object: Unmade<T>): T {
    const metadata = {
      ...object.metadata,
      uid: this.#uid(),
      creationTimestamp: this.now,
      resourceVersion: this.#next(),
    }
    const made = { ...object, metadata } as unknown as T
    this.#put(made)
    this.#note({ type: 'ADDED', object: made })
    return made
  }

  /** Throws Conflict when the object was written by another since `read`. What changes nothing is no write. */
  write<T extends StoredObject>(read: T, object: T): T {
    const { namespace = '', name } = read.metadata
    const stored = this.get(read.kind, namespace, name)
    const current = stored?.metadata.uid === read.metadata.uid ? stored : undefined
    if (current?.metadata.resourceVersion !== read.metadata.resourceVersion) throw new Conflict(read)
    if (isDeepStrictEqual(object, read)) return read
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: this.#next() } }
    this.#put(written)
    this.#note({ type: 'MODIFIED', object: written, before: read })
    return written
  }

  remove(object: StoredObject): void {
    const { namespace = '', name, uid } = object.metadata
    const stored = this.get(object.kind, namespace, name)
    if (stored?.metadata.uid !== uid) return
    this.#mapOf(object.kind).delete(keyOf(namespace, name))
    if (this.#lives.has(uid)) this.#lives = without(this.#lives, uid)
    const last = { ...stored, metadata: { ...stored.metadata, resourceVersion: this.#next() } }
    this.#note({ type: 'DELETED', object: last, before: stored })
  }

  /** A look that is due earlier already stays. `again` is another look, at a time of its own. */
  schedule(work: Work, delayMs: number, again = ''): void {
    const jitterMs = again === '' ? Math.floor(this.random() * (this.options.jitterMs ?? 0)) : 0
    const atMs = this.nowMs + delayMs + jitterMs
    const key = `${keyOfWork(work)}${again}`
    const planned = this.#agenda.get(key)?.atMs ?? Number.POSITIVE_INFINITY
    if (atMs < planned) this.#agenda.set(key, { work, atMs })
  }

  /** The next look that is due, taken off the agenda. */
  takeDue(): Work | undefined {
    let first: readonly [string, Due] | undefined
    for (const entry of this.#agenda) if (first === undefined || entry[1].atMs < first[1].atMs) first = entry
    if (first === undefined || first[1].atMs > this.nowMs) return undefined
    this.#agenda.delete(first[0])
    return first[1].work
  }

  /** As client-go's rate limiter: 5 ms, doubled each time, up to 1,000 s. */
  retry(work: Work): void {
    const failed = this.#failures.get(keyOfWork(work)) ?? 0
    this.#failures = new Map(this.#failures).set(keyOfWork(work), failed + 1)
    this.schedule(work, Math.min(5 * 2 ** failed, 1_000_000), ' again')
  }

  succeeded(work: Work): void {
    const key = keyOfWork(work)
    if (this.#failures.has(key)) this.#failures = without(this.#failures, key)
  }

  lifeOf(uid: string): PodLife | undefined {
    return this.#lives.get(uid)
  }

  setLife(uid: string, life: PodLife): void {
    this.#lives = new Map(this.#lives).set(uid, life)
  }

  /** From [0, 1); mulberry32. */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  finish(): ClusterState {
    return {
      objects: this.#objects,
      version: this.#version,
      agenda: this.#agenda,
      failures: this.#failures,
      lives: this.#lives,
      seed: this.#seed,
    }
  }

  #next(): string {
    return String(++this.#version)
  }

  #put(object: StoredObject): void {
    const { namespace = '', name } = object.metadata
    this.#mapOf(object.kind).set(keyOf(namespace, name), object)
  }

  // Copied at the first write: older states keep theirs.
  #mapOf(kind: Kind): Map<string, StoredObject> {
    if (!this.#fresh.has(kind)) {
      this.#fresh.add(kind)
      Object.assign(this.#objects, { [kind]: new Map<string, StoredObject>(this.#objects[kind]) })
    }
    return this.#objects[kind] as unknown as Map<string, StoredObject>
  }

  #note(change: Change): void {
    this.changes.push(change)
    for (const { work, delayMs } of looksAfter(change, this.options)) this.schedule(work, delayMs)
  }

  #uid(): string {
    let hex = ''
    for (let digits = 0; digits < 32; digits++) hex += Math.floor(this.random() * 16).toString(16)
    const [one, two, three, four] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20)]
    return `${one}-${two}-4${three}-a${four}-${hex.slice(20)}`
  }
}

function without<T>(entries: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const left = new Map(entries)
  left.delete(key)
  return left
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`
}

function keyOfWork({ controller, namespace, name }: Work): string {
  return `${controller} ${namespace}/${name}`
}
