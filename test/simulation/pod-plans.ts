import type { KubeletPlan } from '@hermod/testkit'
import type { Pod } from '../../packages/sandbox/src/cluster/model/objects.ts'

/** How pods fare, as their tag says behind its number: `7-crash`. */
export const fates = ['ok', 'slow', 'noimage', 'crash', 'oom', 'config', 'unready', 'nowhere'] as const

export type Fate = (typeof fates)[number]

const plans: Readonly<Record<Fate, KubeletPlan>> = {
  ok: { outcome: 'ready', readyAfterMs: 300 },
  slow: { outcome: 'ready', pullMs: 4_000, readyAfterMs: 2_000 },
  noimage: { outcome: 'image-pull-fails', pullMs: 200 },
  crash: { outcome: 'crashes', exitCode: 1 },
  oom: { outcome: 'crashes', reason: 'OOMKilled' },
  config: { outcome: 'config-error' },
  unready: { outcome: 'never-ready' },
  nowhere: { outcome: 'unschedulable' },
}

export function planOf({ spec }: Pod, healed: ReadonlySet<string>): KubeletPlan {
  const tag = spec.containers[0]?.image.split(':').at(-1) ?? ''
  const fate = fates.find((each) => tag.endsWith(`-${each}`))
  return healed.has(tag) || fate === undefined ? plans.ok : plans[fate]
}
