/** For so long nobody got an answer: Slack was away, it was not one call that went wrong. */
const outageMs = 5_000

/** Owns the question whether an answer is the first after an outage. Times are monotonic ms. */
export class Outage {
  #silentSince: number | undefined

  /** A call got no answer, or none that Slack itself gives. */
  unanswered(now: number): void {
    this.#silentSince ??= now
  }

  /** True when it ends an outage: whoever waits before trying again need not wait any longer. */
  answered(now: number): boolean {
    const since = this.#silentSince ?? Number.POSITIVE_INFINITY
    this.#silentSince = undefined
    return now - since >= outageMs
  }
}
