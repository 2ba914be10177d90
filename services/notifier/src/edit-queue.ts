// Owns the order in which channels use the one budget of edits.

export interface EditWant {
  readonly urgency: number
  /** Monotonic ms since which news (not progress) waits here. */
  readonly newsSince: number | undefined
  readonly since: number
}

/** Every channel says what its most urgent edit is; the most urgent of all goes first, the older of two equals. */
export class EditQueue {
  readonly #wants = new Map<() => void, EditWant>()
  #first: (() => void) | undefined

  /** `wake` stands for the channel and is called when its turn has come. */
  want(wake: () => void, want: EditWant | undefined): void {
    if (want) this.#wants.set(wake, want)
    else this.#wants.delete(wake)
    const first = this.#best()
    if (first === this.#first) return
    this.#first = first
    if (first !== wake) first?.()
  }

  isFirst(wake: () => void): boolean {
    return this.#first === wake
  }

  /** How long the longest waiting news waits, in ms. */
  newsWaitMs(now: number): number {
    let longest = 0
    for (const { newsSince } of this.#wants.values())
      if (newsSince !== undefined) longest = Math.max(longest, now - newsSince)
    return longest
  }

  #best(): (() => void) | undefined {
    let best: [() => void, EditWant] | undefined
    for (const entry of this.#wants) {
      const [, want] = entry
      const isBetter =
        best === undefined ||
        want.urgency < best[1].urgency ||
        (want.urgency === best[1].urgency && want.since < best[1].since)
      if (isBetter) best = entry
    }
    return best?.[0]
  }
}
