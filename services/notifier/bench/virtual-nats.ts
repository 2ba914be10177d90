import type { Bucket } from '@hermod/jetstream'

interface Written {
  readonly value: unknown
  readonly kvRevision: number
}

/** One bucket in memory, over a link that can break, with a disk that it can fall back to. */
export class VirtualNats {
  /** Awaited before each write: one that never ends is of a process that was killed before it. */
  beforeWrite: (key: string) => Promise<void> | void = () => undefined
  /** Thrown by a read. */
  unreadable: (key: string) => Error | undefined = () => undefined
  #link = new AbortController()
  #newest = 1
  // As if it had always been there.
  #entries = new Map<string, Written>([
    ['since', { value: { version: 1, since: new Date(0).toISOString() }, kvRevision: 1 }],
  ])

  get link(): AbortSignal {
    return this.#link.signal
  }

  async whenConnected(): Promise<void> {}

  /** The keys that begin so. */
  keys(prefix: string): readonly string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix))
  }

  /** What it returns loses all that was written since. */
  flush(): () => void {
    const [entries, newest] = [new Map(this.#entries), this.#newest]
    return () => {
      this.#entries = new Map(entries)
      this.#newest = newest
      this.#relink()
    }
  }

  erase(): void {
    this.#entries.clear()
    this.#newest = 0
    this.#relink()
  }

  #relink(): void {
    const before = this.#link
    this.#link = new AbortController()
    before.abort()
  }

  bucket<T>(): Bucket<T> {
    const entry = (key: string): { value: T; kvRevision: number } | undefined => {
      const written = this.#entries.get(key)
      return written && { value: structuredClone(written.value) as T, kvRevision: written.kvRevision }
    }
    return {
      load: async (key) => {
        const error = this.unreadable(key)
        if (error) throw error
        return entry(key)
      },
      save: async (key, value, kvRevision) => {
        await this.beforeWrite(key)
        if (this.#entries.get(key)?.kvRevision !== kvRevision) return undefined
        this.#entries.set(key, { value, kvRevision: ++this.#newest })
        return this.#newest
      },
      remove: async (key, kvRevision) => {
        if (kvRevision !== undefined && this.#entries.get(key)?.kvRevision !== kvRevision) return false
        this.#newest++
        return this.#entries.delete(key)
      },
      keys: async (filter = '>') => this.keys(filter.replace(/[>*]$/, '')),
      newest: async () => this.#newest,
      onWritten: () => ({ [Symbol.dispose]: () => undefined }),
    }
  }
}
