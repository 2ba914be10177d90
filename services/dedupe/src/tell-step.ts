import { rolloutTraceId } from '@hermod/contracts'
import type { Logger } from '@hermod/runtime'
import type { Step } from './rollout/rollout.ts'
import type { RolloutMetrics } from './rollout-metrics.ts'

/** Counts each step and logs each transition, one line with its reason. */
export function tellStep(log: Pick<Logger, 'info'>, metrics: RolloutMetrics): (step: Step) => void {
  return (step) => {
    metrics.count(step)
    for (const { kind, n, rollout } of step.transitions) {
      const { cluster, namespace, name, attempt, revision, phase, reason } = rollout
      const traceId = rolloutTraceId(rollout)
      log.info({ traceId, cluster, namespace, deployment: name, attempt, revision, n, phase, reason }, kind)
    }
  }
}
