const lineFeed = 0x0a

/** A line grew beyond what any Kubernetes object can be. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'
}

/**
 * Cuts a byte stream into lines at line feeds alone: a raw carriage return or U+2028 inside JSON ends no line.
 * Bytes in, bytes out: a character that straddles two chunks is whole again before anybody decodes it.
 */
export class LineSplitter {
  readonly #longest: number
  #pieces: Uint8Array[] = []
  #held = 0

  constructor(longestBytes: number = 8 * 1024 * 1024) {
    this.#longest = longestBytes
  }

  /** The lines that `chunk` completes, without their line feeds and without empty ones. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      const line = this.#complete(chunk.subarray(from, end))
      from = end + 1
      if (line.length > 0) yield line
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from))
  }

  /** Whether the stream ended inside a line. */
  get unfinished(): boolean {
    return this.#held > 0
  }

  #complete(last: Uint8Array): Uint8Array {
    if (this.#held === 0) return last
    this.#hold(last)
    const line = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#held = 0
    return line
  }

  #hold(piece: Uint8Array): void {
    this.#held += piece.length
    if (this.#held > this.#longest) throw new LineTooLong(`a line is longer than ${this.#longest} bytes`)
    this.#pieces.push(piece)
  }
}
