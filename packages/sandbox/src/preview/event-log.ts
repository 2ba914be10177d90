/** An event and its number; numbers rise by one from 1. */
export interface Numbered<T> {
  readonly id: number
  readonly event: T
}

/** The newest events, so that whoever was away goes on where he was. */
export class EventLog<T> {
  readonly #kept: Numbered<T>[] = []
  readonly #limit: number
  readonly #listeners = new Set<(numbered: Numbered<T>) => void>()
  #lastId = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get lastId(): number {
    return this.#lastId
  }

  append(event: T): void {
    const numbered = { id: ++this.#lastId, event }
    this.#kept.push(numbered)
    if (this.#kept.length > this.#limit) this.#kept.shift()
    for (const listener of this.#listeners) listener(numbered)
  }

  /** What came after an id; undefined where some of it is gone, or the id is none of this log's. */
  after(id: number): readonly Numbered<T>[] | undefined {
    const oldest = this.#kept[0]?.id ?? this.#lastId + 1
    if (id > this.#lastId || id < oldest - 1) return undefined
    return this.#kept.slice(id - oldest + 1)
  }

  /** Returns what ends it. */
  listen(listener: (numbered: Numbered<T>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
