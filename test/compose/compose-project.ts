import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { composeSpecTool, obtain } from '@hermod/testkit'

const root = join(import.meta.dirname, '..', '..')

export interface ComposeService {
  readonly image?: string
  readonly build?: { readonly target: string }
  readonly command?: readonly string[] | null
  readonly environment: Readonly<Record<string, string>>
  readonly volumes?: readonly ComposeMount[]
  readonly ports?: readonly { readonly target: number; readonly host_ip?: string }[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly restart?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> } }
}

export interface ComposeMount {
  readonly type: 'bind' | 'volume'
  readonly source: string
  readonly target: string
}

export interface ComposeProject {
  readonly services: Readonly<Record<string, ComposeService>>
}

/**
 * docker-compose.yml as `docker compose` reads it where only `given` is set. Throws, with the words of the
 * specification's own reader, for what is not of its schema.
 */
export async function readCompose(given: Readonly<Record<string, string>> = {}): Promise<ComposeProject> {
  const file = join(root, 'docker-compose.yml')
  const { stdout } = await promisify(execFile)(await obtain(composeSpecTool), [file], {
    env: given,
    cwd: root,
  })
  return JSON.parse(stdout) as ComposeProject
}
