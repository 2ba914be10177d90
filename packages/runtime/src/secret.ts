const hidden = '[secret]'

/**
 * A value that cannot slip into a log line, an error or JSON: none of the ways to print it shows it.
 * `reveal()` may answer differently over time (a rotated file): ask at each use, never keep the answer.
 */
export class Secret {
  readonly #current: () => string
  readonly #revealed = new Set<string>()

  constructor(current: () => string) {
    this.#current = current
  }

  static of(value: string): Secret {
    return new Secret(() => value)
  }

  reveal(): string {
    const value = this.#current()
    this.#revealed.add(value)
    return value
  }

  /** Every value handed out so far, outdated ones too: what may turn up in a text and must be scrubbed. */
  get revealed(): ReadonlySet<string> {
    return this.#revealed
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }
}
