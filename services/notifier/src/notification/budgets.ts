// Slack counts two things: posts for each channel, and edits for the whole workspace (chat.update is Tier 3).
// All times are milliseconds of one monotonic clock and come in as arguments.

interface Bucket {
  readonly capacity: number
  /** Of calls, per millisecond. */
  readonly rate: number
  level: number
  at: number
}

export interface BudgetSettings {
  readonly editsPerMinute: number
}

export type PostPace = 'start' | 'result'

/** Fewer than Slack is known to allow at once. */
const postBurst = 4
const postsPerMs = 1 / 1_000
const editBurst = 8
/** Each start costs an edit later: more of them than this, and so many for each edit, and edits could not follow. */
const crowdBurst = 12
const crowdForEachEdit = 5
/** Progress leaves this many edits to news. */
const editsKeptForNews = 4

/** How much may be sent, and when the next one may be. */
export class Budgets {
  readonly #edits: Bucket
  readonly #crowd: Bucket
  readonly #posts = new Map<string, Bucket>()
  readonly #closed = new Map<string, number>()
  #editsClosedUntil = -Infinity
  #allPostsClosedUntil = -Infinity

  constructor({ editsPerMinute }: BudgetSettings) {
    const capacity = Math.max(1, Math.min(editBurst, editsPerMinute))
    const rate = editsPerMinute / 60_000
    this.#edits = { capacity, rate, level: capacity, at: -Infinity }
    this.#crowd = { capacity: crowdBurst, rate: crowdForEachEdit * rate, level: crowdBurst, at: -Infinity }
  }

  /**
   * When the next post to this channel may go; a time gone by means now. Starts go one a second: what ends within
   * that second then costs one post and no edit. Results may come in a short burst.
   */
  postAt(channel: string, pace: PostPace, now: number): number {
    const bucket = this.#posts.get(channel)
    const open = Math.max(this.#allPostsClosedUntil, this.#closed.get(channel) ?? -Infinity)
    if (bucket === undefined) return open
    return Math.max(open, readyAt(bucket, pace === 'start' ? bucket.capacity : 1, now))
  }

  /** When the next start, in any channel, would not be one of a crowd. */
  startAt(now: number): number {
    return readyAt(this.#crowd, 1, now)
  }

  /** When the next edit may go. */
  editAt(isProgress: boolean, now: number): number {
    const needed = isProgress ? Math.min(this.#edits.capacity, editsKeptForNews + 1) : 1
    return Math.max(this.#editsClosedUntil, readyAt(this.#edits, needed, now))
  }

  post(channel: string, now: number): void {
    const fresh = { capacity: postBurst, rate: postsPerMs, level: postBurst, at: now }
    const bucket = this.#posts.get(channel) ?? fresh
    this.#posts.set(channel, bucket)
    take(bucket, now)
  }

  /** A post that says no more than that something began. */
  start(now: number): void {
    take(this.#crowd, now)
  }

  edit(now: number): void {
    take(this.#edits, now)
  }

  /** Slack refused a post: the channel waits, and every channel does if a second one was refused meanwhile. */
  postRefused(channel: string, retryAfterMs: number, now: number): void {
    const others = [...this.#closed].filter(([other, until]) => other !== channel && until > now)
    this.#closed.set(channel, now + retryAfterMs)
    if (others.length > 0) this.#allPostsClosedUntil = Math.max(this.#allPostsClosedUntil, now + retryAfterMs)
  }

  editRefused(retryAfterMs: number, now: number): void {
    this.#editsClosedUntil = Math.max(this.#editsClosedUntil, now + retryAfterMs)
  }
}

function levelAt({ capacity, rate, level, at }: Bucket, now: number): number {
  return at === -Infinity ? level : Math.min(capacity, level + Math.max(0, now - at) * rate)
}

function readyAt(bucket: Bucket, needed: number, now: number): number {
  const missing = needed - levelAt(bucket, now)
  // A sliver of rounding must not cost another round of waiting.
  return missing <= 1e-6 ? now : now + Math.ceil(missing / bucket.rate)
}

function take(bucket: Bucket, now: number): void {
  bucket.level = Math.max(0, levelAt(bucket, now) - 1)
  bucket.at = now
}
