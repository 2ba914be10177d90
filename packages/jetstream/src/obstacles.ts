import type { Report } from './log.ts'

/** What keeps the many members of one part from working; the part is clear when no member has an obstacle. */
export class Obstacles {
  readonly #open = new Map<unknown, string>()
  readonly #part: string
  readonly #report: Report
  #told: string | undefined

  constructor(part: string, report: Report = () => undefined) {
    this.#part = part
    this.#report = report
  }

  set(member: unknown, obstacle: string | undefined): void {
    if (obstacle === undefined) this.#open.delete(member)
    else this.#open.set(member, obstacle)
    const [first] = this.#open.values()
    if (first === this.#told) return
    this.#told = first
    this.#report(this.#part, first)
  }
}
