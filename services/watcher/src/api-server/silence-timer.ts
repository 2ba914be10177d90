/** Aborts a request when the server stays silent for too long, or when `outer` is aborted. */
export class SilenceTimer implements Disposable {
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal
  readonly #stop = (): void => this.#controller.abort()
  #timer: NodeJS.Timeout | undefined
  #fired = false

  constructor(outer: AbortSignal) {
    this.#outer = outer
    outer.addEventListener('abort', this.#stop, { once: true })
    if (outer.aborted) this.#stop()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The server was silent for too long. */
  get fired(): boolean {
    return this.#fired
  }

  /** From now on the server has this long. */
  arm(ms: number): void {
    this.disarm()
    this.#timer = setTimeout(() => {
      this.#fired = true
      this.#stop()
    }, ms)
  }

  disarm(): void {
    clearTimeout(this.#timer)
  }

  [Symbol.dispose](): void {
    this.disarm()
    this.#outer.removeEventListener('abort', this.#stop)
    this.#stop()
  }
}
