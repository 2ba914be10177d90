import type { Environment } from '../environment.ts'

/** A program that the test bed runs, and every way to have it, in the order they are tried. */
export interface Tool {
  readonly name: string
  /** Ways to find it where somebody else put it. */
  readonly found: readonly Way[]
  /** Ways to make it ourselves; what they make is cached. */
  readonly made: readonly Recipe[]
}

export interface Context {
  readonly env: Environment
  /** One line for the person who waits. */
  readonly log: (line: string) => void
}

export interface Way {
  /** As an error names it: `NATS_SERVER`, `PATH`. */
  readonly name: string
  find(context: Context): Promise<Attempt>
}

export type Attempt =
  | { readonly kind: 'found'; readonly path: string }
  /** Not this way; the next one is tried. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** Somebody asked for this very program and it will not do: another one would not be what they asked for. */
  | { readonly kind: 'wrong'; readonly reason: string }

export interface Recipe {
  readonly name: string
  /** Part of the cached folder's name: another version or another recipe has another one. */
  readonly version: string
  /** Writes the program to `target`; `scratch` is an empty folder to work in. Throws with reason and remedy. */
  make(target: string, scratch: string, context: Context): Promise<void>
}

/** The program cannot be had; the message names every way that was tried, and what was wrong with it. */
export class ToolUnavailable extends Error {
  override readonly name = 'ToolUnavailable'
  constructor(tool: string, failures: readonly string[]) {
    const list = failures.map((line) => `  - ${line}`).join('\n')
    super(`${tool} could not be had; any one of these ways would do:\n${list}`)
  }
}
