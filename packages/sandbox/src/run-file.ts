/**
 * Owns run.json: what runs where, for people and tests that want to look at, kill or restart one process alone.
 *
 * 1. It is replaced as a whole, so a reader never meets half of one.
 * 2. It holds no secret: of a process it tells the command, and what a secret needs comes by the environment.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'

export type RunState = 'running' | 'starting again' | 'given up'

export interface RunningPart {
  readonly pid: number | undefined
  readonly state: RunState
  readonly starts: number
  readonly ports: Readonly<Record<string, number>>
  /** Absent for parts of the cluster that stands in: what they say is told when one of them fails. */
  readonly log?: string
  /** One line for a shell in `folder`; absent for what only the sandbox itself can start. */
  readonly command?: string
}

export interface RunContents {
  readonly version: 1
  /** The sandbox itself: end it by SIGTERM and everything ends. */
  readonly pid: number
  readonly startedAt: string
  /** Where state and logs are. */
  readonly home: string
  /** Of the repository. */
  readonly folder: string
  readonly processes: Readonly<Record<string, RunningPart>>
}

export interface RunFile extends Disposable {
  readonly path: string
  set(name: string, change: Partial<RunningPart>): void
}

export type RunHeader = Omit<RunContents, 'processes' | 'version'>

export function openRunFile(path: string, header: RunHeader): RunFile {
  const processes: Record<string, RunningPart> = {}
  const write = (): void => {
    const contents: RunContents = { version: 1, ...header, processes }
    const partial = `${path}.${header.pid}`
    writeFileSync(partial, `${JSON.stringify(contents, undefined, 2)}\n`, { mode: 0o600 })
    renameSync(partial, path)
  }
  write()
  return {
    path,
    set(name, change) {
      processes[name] = { ...(processes[name] ?? unknownPart), ...change }
      write()
    },
    [Symbol.dispose]: () => rmSync(path, { force: true }),
  }
}

const unknownPart: RunningPart = {
  pid: undefined,
  state: 'running',
  starts: 0,
  ports: {},
}

/** A command as one would type it: only what a shell would take apart is quoted. */
export function shellCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
