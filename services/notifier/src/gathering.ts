// Owns the wait of cards that are told together: what was late, and what was deleted.
// G1. A group ends when nobody joined for 5 s, at the latest after 30 s.
// G2. Whoever waits here is open in KV: a crash only makes it wait again.

/** Cards that wait for their group to end, by key. */
export class Gathering<T> {
  readonly #groups = new Map<
    string,
    { readonly members: Map<string, T>; readonly end: number; timer: NodeJS.Timeout }
  >()
  readonly #release: (group: string, members: ReadonlyMap<string, T>) => void
  readonly #quietMs: number
  readonly #longestMs: number

  constructor(
    release: (group: string, members: ReadonlyMap<string, T>) => void,
    { quietMs = 5_000, longestMs = 30_000 }: { readonly quietMs?: number; readonly longestMs?: number } = {},
  ) {
    this.#release = release
    this.#quietMs = quietMs
    this.#longestMs = longestMs
  }

  join(group: string, key: string, member: T): void {
    const now = performance.now()
    const known = this.#groups.get(group)
    clearTimeout(known?.timer)
    const members = known?.members ?? new Map<string, T>()
    members.set(key, member)
    const end = known?.end ?? now + this.#longestMs
    const timer = setTimeout(() => this.#end(group), Math.max(0, Math.min(this.#quietMs, end - now)))
    this.#groups.set(group, { members, end, timer })
  }

  /** Takes a card out again: it has news of its own. */
  leave(group: string, key: string): void {
    this.#groups.get(group)?.members.delete(key)
  }

  get size(): number {
    return [...this.#groups.values()].reduce((sum, { members }) => sum + members.size, 0)
  }

  stop(): void {
    for (const { timer } of this.#groups.values()) clearTimeout(timer)
    this.#groups.clear()
  }

  #end(group: string): void {
    const members = this.#groups.get(group)?.members
    this.#groups.delete(group)
    if (members && members.size > 0) this.#release(group, members)
  }
}
