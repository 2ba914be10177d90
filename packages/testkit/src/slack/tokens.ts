import { randomUUID } from 'node:crypto'
import { type Refusal, refuse } from './reply.ts'

export interface Grant {
  /** Names the token in logs, where the token itself never stands: `token-1`. */
  readonly name: string
  readonly scopes: readonly string[]
}

/** What the manifest of README asks for: posting anywhere public, names, and reading back. */
export const usualScopes: readonly string[] = [
  'chat:write',
  'chat:write.public',
  'channels:read',
  'groups:read',
  'channels:history',
  'groups:history',
]

/** The tokens a workspace has issued, good and bad. */
export class TokenBook {
  readonly #issued = new Map<string, Grant & { refusal?: string }>()

  issue({
    scopes = usualScopes,
    token = `xoxb-${randomUUID()}`,
  }: {
    scopes?: readonly string[]
    token?: string
  } = {}): string {
    this.#issued.set(token, { name: `token-${this.#issued.size + 1}`, scopes })
    return token
  }

  /** From now on the token is answered with this code. */
  revoke(token: string, code: string): void {
    const grant = this.#issued.get(token)
    if (grant === undefined) throw new Error('This token was never issued here')
    grant.refusal = code
  }

  nameOf(token: string | undefined): string {
    return token === undefined ? 'none' : (this.#issued.get(token)?.name ?? 'unknown')
  }

  check(token: string | undefined): Grant | Refusal {
    if (token === undefined) return refuse('not_authed')
    const grant = this.#issued.get(token)
    if (grant === undefined) return refuse('invalid_auth')
    return grant.refusal === undefined ? grant : refuse(grant.refusal)
  }
}
