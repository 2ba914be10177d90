import { backoffMs, sleep } from '@hermod/runtime'
import type { ApiHealth } from './api-health.ts'
import { describeFailure } from './api-server/api-status.ts'
import type { ApiTransport } from './api-server/api-transport.ts'
import { type ClaimOptions, claimClusterName } from './cluster-claim.ts'
import { mayListEverywhere } from './watch-namespaces.ts'

export interface ReachOptions extends ClaimOptions {
  readonly transport: ApiTransport
  readonly health: ApiHealth
  readonly named: readonly string[]
  readonly annotated: boolean
}

/**
 * Waits for the API server, says what for, and finds out how much of the cluster may be read: all of it, or only
 * the named namespaces. Throws a FatalError where another cluster bears our name, or the signal's reason.
 */
export async function reachCluster(options: ReachOptions): Promise<{ readonly everywhere: boolean }> {
  const { transport, health, named, annotated, signal } = options
  const names = named.filter((name) => name !== '*')
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted()
    try {
      // Whoever asks for named namespaces alone never asks the API server for more.
      const confined = !annotated && names.length === named.length
      if (!confined) await claimClusterName(options)
      const everywhere = !confined && (await mayListEverywhere(transport, signal))
      if (everywhere || names.length > 0) {
        health.reached(undefined)
        return { everywhere }
      }
      health.reached(
        '403: Namespaces and Deployments may not be listed: grant it by a ClusterRole, or name NAMESPACES',
      )
    } catch (error) {
      if (signal.aborted || isFatal(error)) throw error
      health.reached(describeFailure(error))
    }
    await sleep(backoffMs(failures, Math.random(), { baseMs: 800, capMs: 10_000 }), signal)
  }
}

function isFatal(error: unknown): boolean {
  return error instanceof Error && 'remedy' in error
}
