import { execFile } from 'node:child_process'
import type { Deployment } from './kubernetes/objects.ts'
import { rolloutStatusTool } from './tools/judges.ts'
import { obtain } from './tools/obtain.ts'

/** What `kubectl rollout status` prints, whether it would stop there, and what it fails with. */
export interface RolloutStatusLine {
  readonly message?: string
  readonly done: boolean
  readonly error?: string
}

/** kubectl's own words on each Deployment as it stands, in their order. Throws ToolUnavailable. */
export async function kubectlRolloutStatus(
  deployments: readonly Pick<Deployment, 'metadata' | 'spec' | 'status'>[],
): Promise<readonly RolloutStatusLine[]> {
  const program = await obtain(rolloutStatusTool)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = execFile(program, { maxBuffer: 64 * 1024 * 1024, timeout: 60_000 }, (error, stdout) =>
    error ? reject(error) : resolve(stdout),
  )
  const typed = deployments.map((each) => ({ apiVersion: 'apps/v1', kind: 'Deployment', ...each }))
  child.stdin?.end(typed.map((each) => `${JSON.stringify(each)}\n`).join(''))
  const lines = (await promise).trim().split('\n')
  return lines.map((line): RolloutStatusLine => JSON.parse(line))
}
