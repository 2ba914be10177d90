import type { DeploymentRecord } from '@hermod/testkit'
import type { DeploymentEvent } from '../oracle/api-history.ts'

/** The API server's history as the oracle reads it. */
export function historyOf({ events }: DeploymentRecord): readonly DeploymentEvent[] {
  return events.flatMap(({ type, deployment, atMs }): DeploymentEvent[] =>
    type === 'BOOKMARK' || type === 'ERROR' ? [] : [{ type, object: deployment, atMs }],
  )
}
