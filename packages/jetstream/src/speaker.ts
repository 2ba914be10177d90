import type { Log, Report } from './log.ts'

const sayAgainMs = 60_000

/** Says what is waited for at once when it is news, else once a minute: a wait may last for days. */
export class Speaker {
  readonly #part: string
  readonly #log: Log
  readonly #report: Report
  #saidAt = -Infinity
  #said = ''

  constructor(part: string, log: Log, report: Report = () => undefined) {
    this.#part = part
    this.#log = log
    this.#report = report
  }

  say(what: string): void {
    this.#report(this.#part, what)
    const now = performance.now()
    if (what === this.#said && now - this.#saidAt < sayAgainMs) return
    this.#said = what
    this.#saidAt = now
    this.#log.warn({}, what)
  }

  clear(): void {
    this.#said = ''
    this.#report(this.#part, undefined)
  }
}
