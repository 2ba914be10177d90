/** A bucket that holds `burst` calls and is refilled with `perMinute` of them, evenly. */
export interface Budget {
  readonly perMinute: number
  readonly burst: number
}

export interface SlackBudgets {
  /** chat.postMessage, for each channel. */
  readonly posts: Budget
  /** chat.postMessage in the whole workspace. */
  readonly allPosts: Budget
  /** chat.update in the whole workspace. */
  readonly edits: Budget
  /** conversations.list, for the method. */
  readonly tier2: Budget
  /** conversations.history, .replies and .info, chat.delete: each for itself. */
  readonly tier3: Budget
}

const unlimited: Budget = { perMinute: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY }

/**
 * Slack's documented rates. It calls bursts "tolerated" and gives no number; third parties saw 25 to 30 posts.
 * Ours are smaller, so that whoever keeps to them keeps to Slack's.
 */
export const slackBudgets: SlackBudgets = {
  posts: { perMinute: 60, burst: 5 },
  allPosts: unlimited,
  edits: { perMinute: 50, burst: 10 },
  tier2: { perMinute: 20, burst: 5 },
  tier3: { perMinute: 50, burst: 10 },
}

/** For benchmarks: nothing is ever refused for its rate. */
export const noBudgets: SlackBudgets = {
  posts: unlimited,
  allPosts: unlimited,
  edits: unlimited,
  tier2: unlimited,
  tier3: unlimited,
}

export interface Charge {
  readonly key: string
  readonly budget: Budget
}

/** How full each bucket is. */
export class BudgetLedger {
  readonly #buckets = new Map<string, { left: number; at: number }>()

  /** Takes one from each bucket, or none: then the whole seconds until there is one, for Retry-After. */
  take(charges: readonly Charge[], now: number): number {
    const waitsMs = charges.map(({ key, budget }) => {
      const { left } = this.#refill(key, budget, now)
      return left >= 1 ? 0 : ((1 - left) * 60_000) / budget.perMinute
    })
    const waitMs = Math.max(0, ...waitsMs)
    if (waitMs > 0) return Math.ceil(waitMs / 1000)
    for (const { key, budget } of charges) this.#refill(key, budget, now).left--
    return 0
  }

  #refill(key: string, { perMinute, burst }: Budget, now: number): { left: number } {
    const bucket = this.#buckets.get(key) ?? { left: burst, at: now }
    const gained = (Math.max(0, now - bucket.at) * perMinute) / 60_000
    // An unlimited rate times no time at all is NaN.
    bucket.left = burst === Number.POSITIVE_INFINITY ? burst : Math.min(burst, bucket.left + gained)
    bucket.at = Math.max(bucket.at, now)
    this.#buckets.set(key, bucket)
    return bucket
  }
}
