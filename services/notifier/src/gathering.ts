// Owns the wait of cards that are told together: what was late, and what was deleted.
// G1. A group ends when nobody joined for 5 s, at the latest after 30 s.
// G2. Whoever waits here is open in KV: a crash only makes it wait again.
import type { Time } from './time.ts'

/** Cards that wait for their group to end, by key. */
export class Gathering<T> {
  readonly #groups = new Map<
    string,
    { readonly members: Map<string, T>; readonly end: number; readonly waiting: AbortController }
  >()
  readonly #release: (group: string, members: ReadonlyMap<string, T>) => void
  readonly #time: Time
  readonly #quietMs: number
  readonly #longestMs: number

  constructor(
    release: (group: string, members: ReadonlyMap<string, T>) => void,
    time: Time,
    { quietMs = 5_000, longestMs = 30_000 }: { readonly quietMs?: number; readonly longestMs?: number } = {},
  ) {
    this.#release = release
    this.#time = time
    this.#quietMs = quietMs
    this.#longestMs = longestMs
  }

  join(group: string, key: string, member: T): void {
    const now = this.#time.now()
    const known = this.#groups.get(group)
    known?.waiting.abort()
    const members = known?.members ?? new Map<string, T>()
    members.set(key, member)
    const end = known?.end ?? now + this.#longestMs
    const waiting = new AbortController()
    this.#groups.set(group, { members, end, waiting })
    this.#time.sleep(Math.max(0, Math.min(this.#quietMs, end - now)), waiting.signal).then(
      () => this.#end(group),
      () => undefined,
    )
  }

  /** Takes a card out again: it has news of its own. */
  leave(group: string, key: string): void {
    this.#groups.get(group)?.members.delete(key)
  }

  get size(): number {
    return [...this.#groups.values()].reduce((sum, { members }) => sum + members.size, 0)
  }

  stop(): void {
    for (const { waiting } of this.#groups.values()) waiting.abort()
    this.#groups.clear()
  }

  #end(group: string): void {
    const members = this.#groups.get(group)?.members
    this.#groups.delete(group)
    if (members && members.size > 0) this.#release(group, members)
  }
}
