import type { Cause, Rollout } from '@hermod/contracts'
import { after, cause, container, rollout } from './rollouts.ts'


export const pull: Partial<Rollout> = {
  phase: 'stalled',
  reason: 'ImagePullBackOff',
  diagnosis: { causes: [cause()], newPods: 2, oldPods: 5, oldPodsFailingAlike: 0 },
  times: { startedAt: after(0), progressedAt: after(0), stalledAt: after(4), deadlineAt: after(600) },
}

export const crash: Partial<Rollout> = {
  phase: 'failed',
  reason: 'ProgressDeadlineExceeded',
  replicas: { wanted: 5, total: 5, updated: 3, ready: 2, available: 2, unavailable: 3 },
  containers: [container('registry.example/checkout:2.4.1', { limits: { memory: '256Mi' } })],
  change: {
    ...rollout().change,
    classes: ['new-image', 'config', 'resources'],
    env: [{ container: 'app', added: ['CACHE_SIZE'], removed: [], valuesChanged: false }],
    resources: [{ container: 'app', bound: 'limit', resource: 'memory', from: '512Mi', to: '256Mi' }],
  },
  diagnosis: {
    causes: [
      cause({
        reason: 'CrashLoopBackOff',
        message: 'back-off 2m40s restarting failed container=app',
        pods: 3,
        restarts: 6,
        lastTermination: { reason: 'OOMKilled', exitCode: 137 },
      }),
    ],
    newPods: 3,
    oldPods: 2,
    oldPodsFailingAlike: 0,
  },
  times: { startedAt: after(0), progressedAt: after(5), failedAt: after(600) },
}

export function diagnosed(facts: Partial<Cause>, oldPodsFailingAlike = 0): Partial<Rollout> {
  return {
  ...pull,
  reason: facts.reason ?? '',
  diagnosis: { causes: [cause(facts)], newPods: 2, oldPods: 5, oldPodsFailingAlike },
}
}

/** Of a container in a crash loop, seen at a moment when it is not backing off. */
export const betweenTwoStarts: Partial<Rollout> = diagnosed({
  reason: 'Error',
  message: '',
  pods: 1,
  restarts: 5,
  lastTermination: { reason: 'Error', exitCode: 1 },
})
