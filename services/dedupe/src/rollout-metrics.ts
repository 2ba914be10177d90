import type { Rollout, RolloutTransition } from '@hermod/contracts'
import type { Metrics } from '@hermod/runtime'
import { rules } from './rollout/early-verdict.ts'
import { secondsBetween } from './rollout/happened.ts'
import { type Step, stepOutcomes, type Tracked } from './rollout/rollout.ts'

/** Counts what rollouts did. Everything here has labels of a closed set, whatever clusters send. */
export interface RolloutMetrics {
  count(step: Step): void
  settled(dead: boolean): void
}

const minute = 60
const durationBuckets = [5, 15, 30, ...[1, 2, 3, 5, 10, 15, 20, 30, 60].map((minutes) => minutes * minute)]
const recoveryBuckets = [1, 5, 15, 30, 60, 180, 720, 1440, 4320].map((minutes) => minutes * minute)
const reasons = [...rules.flatMap((rule) => rule.reasons), 'ProgressDeadlineExceeded']

/**
 * The three counters of hermod keep their names: rollouts begun, succeeded, failed. Their rates are the deployment
 * frequency and the change failure rate.
 */
export function rolloutMetrics(metrics: Metrics): RolloutMetrics {
  const processed = metrics.counter({
    name: 'hermod_deployment_processed_total',
    help: 'Rollouts that began',
  })
  const success = metrics.counter({
    name: 'hermod_deployment_success_total',
    help: 'Rollouts that succeeded',
  })
  const failed = metrics.counter({ name: 'hermod_deployment_failed_total', help: 'Rollouts that failed' })
  const steps = metrics.counters({
    name: 'hermod_dedupe_observations_total',
    help: 'Observations and markers by what they led to',
    labels: { outcome: stepOutcomes },
  })
  const verdicts = metrics.counters({
    name: 'hermod_rollout_verdicts_total',
    help: 'Bad words about rollouts: stalled is the early one',
    labels: { verdict: ['stalled', 'failed'], reason: [...reasons, 'other'] },
  })
  const durations = metrics.histograms({
    name: 'hermod_rollout_duration_seconds',
    help: 'From the start of a rollout to its end',
    labels: { result: ['succeeded', 'failed'] },
    buckets: durationBuckets,
  })
  const recovery = metrics.histogram({
    name: 'hermod_rollout_recovery_seconds',
    help: 'From the first failed rollout of a Deployment to its next that succeeds',
    buckets: recoveryBuckets,
  })

  const messages = metrics.counters({
    name: 'hermod_dedupe_messages_total',
    help: 'Messages that are done with; dead: kept aside, since they cannot be processed',
    labels: { end: ['done', 'dead'] },
  })

  const count = ({ kind, n, rollout }: RolloutTransition, tracked: Tracked | undefined): void => {
    if (kind === 'started' || (n === 1 && ends(kind))) processed.inc()
    if (kind === 'stalled' || kind === 'failed')
      verdicts.with({ verdict: kind, reason: known(rollout) }).inc()
    const { startedAt, failedAt, finishedAt } = rollout.times
    if (kind === 'failed') {
      failed.inc()
      if (failedAt !== undefined)
        durations.with({ result: 'failed' }).observe(secondsBetween(startedAt, failedAt))
    }
    if (kind !== 'succeeded' && kind !== 'recovered') return
    success.inc()
    if (finishedAt === undefined) return
    durations.with({ result: 'succeeded' }).observe(secondsBetween(startedAt, finishedAt))
    const outage = tracked?.past.outageSeconds
    if (outage !== undefined) recovery.observe(outage)
  }
  return {
    count({ outcome, transitions, tracked }) {
      steps.with({ outcome }).inc()
      for (const transition of transitions) count(transition, tracked)
    },
    settled(dead) {
      messages.with({ end: dead ? 'dead' : 'done' }).inc()
    },
  }
}

function ends(kind: RolloutTransition['kind']): boolean {
  return kind === 'succeeded' || kind === 'failed'
}

function known({ reason }: Rollout): string {
  return reasons.includes(reason) ? reason : 'other'
}
