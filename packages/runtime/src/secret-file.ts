// Owns the reading of secrets from files.
// 1. What was read once stays in use while the file is missing, empty or unreadable.
// 2. A file is looked at when its secret is asked for, at most once a second.
// 3. Kubernetes rotates by swapping a symlink above the file: a new inode tells, as does a new time or size.
import { readFileSync, statSync } from 'node:fs'
import { Secret } from './secret.ts'

const lookEveryMs = 1000
const largestBytes = 64 * 1024

/** What became of a secret file after start: a new value, or a reason to keep the last one. */
export type SecretFileEvent =
  | { readonly kind: 'rotated'; readonly path: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly problem: string }

export type OpenedSecret =
  | { readonly ok: true; readonly secret: Secret }
  | { readonly ok: false; readonly problem: string }

export interface SecretFileOptions {
  readonly onEvent?: (event: SecretFileEvent) => void
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

/** Reads `path` now and again whenever it changes; its trailing line ends are no part of the secret. */
export function openSecretFile(path: string, options: SecretFileOptions = {}): OpenedSecret {
  const { onEvent = () => undefined, now = () => performance.now() } = options
  const first = readSecret(path)
  if (!first.ok) return first
  let current = first
  let lookedAt = now()
  let lastProblem: string | undefined

  const look = (): void => {
    const version = fileVersion(path)
    if (version === current.version) {
      lastProblem = undefined
      return
    }
    const next = readSecret(path)
    if (next.ok) {
      const rotated = next.value !== current.value
      current = next
      lastProblem = undefined
      if (rotated) onEvent({ kind: 'rotated', path })
    } else if (next.problem !== lastProblem) {
      lastProblem = next.problem
      onEvent({ kind: 'unreadable', path, problem: next.problem })
    }
  }

  const secret = new Secret(() => {
    if (now() - lookedAt >= lookEveryMs) {
      lookedAt = now()
      look()
    }
    return current.value
  })
  return { ok: true, secret }
}

type SecretRead =
  | { readonly ok: true; readonly value: string; readonly version: string }
  | { readonly ok: false; readonly problem: string }

function readSecret(path: string): SecretRead {
  try {
    const stats = statSync(path)
    if (!stats.isFile()) return { ok: false, problem: `${path} is not a file` }
    if (stats.size > largestBytes) return { ok: false, problem: `${path} is larger than 64 KiB` }
    const version = fileVersion(path)
    const value = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '')
    return value === '' ? { ok: false, problem: `${path} is empty` } : { ok: true, value, version }
  } catch (error) {
    return { ok: false, problem: `${path} cannot be read (${errorCode(error)})` }
  }
}

function fileVersion(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? 'missing' : `${stats.dev}:${stats.ino}:${stats.mtimeNs}:${stats.size}`
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
