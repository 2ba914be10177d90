import type { Logger } from '@hermod/runtime'
import type { Step } from './rollout/rollout.ts'
import type { RolloutMetrics } from './rollout-metrics.ts'

/** Counts each step and logs each transition, one line with its reason. */
export function tellStep(log: Pick<Logger, 'info'>, metrics: RolloutMetrics): (step: Step) => void {
  return (step) => {
    metrics.count(step)
    for (const { kind, n, rollout } of step.transitions) {
      const { cluster, namespace, name, attempt, revision, phase, reason } = rollout
      log.info({ cluster, namespace, deployment: name, attempt, revision, n, phase, reason }, kind)
    }
  }
}
