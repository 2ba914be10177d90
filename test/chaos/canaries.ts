/** Owns the search for secrets where none may be: whatever the services write, send or are started with. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** By what they are: values that stand nowhere else. */
export type Canaries = ReadonlyMap<string, string>

export function makeCanary(what: string): string {
  return `canary${what}${randomUUID().replaceAll('-', '')}`
}

export class Lookout {
  readonly #canaries: Canaries
  readonly #seen = new Set<string>()
  readonly #ends = new Map<string, string>()
  readonly #longest: number
  /** So much was looked through. */
  characters = 0

  constructor(canaries: Canaries) {
    this.#canaries = canaries
    this.#longest = Math.max(...[...canaries.values()].map(({ length }) => length))
  }

  /** Pieces of one stream: what is cut between two of them is found too. */
  hear(where: string, piece: string): void {
    const text = (this.#ends.get(where) ?? '') + piece
    this.#ends.set(where, text.slice(-this.#longest))
    this.look(where, text)
  }

  look(where: string, text: string): void {
    this.characters += text.length
    for (const [what, secret] of this.#canaries)
      if (text.includes(secret)) this.#seen.add(`${what} stands in ${where}`)
  }

  lookAtArguments(name: string, pid: number): void {
    try {
      this.look(`the arguments of ${name}`, readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    } catch {
      // It has just ended.
    }
  }

  get secrets(): number {
    return this.#canaries.size
  }

  get sightings(): readonly string[] {
    return [...this.#seen]
  }
}
