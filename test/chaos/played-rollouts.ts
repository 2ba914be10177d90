/** PURE: the kinds of rollouts that a load is made of, and what the nodes make of each by its tag. */
import type { KubeletPlan, Pod } from '@hermod/testkit'
import type { Word } from '../oracle/slack-log.ts'
import type { Random } from '../simulation/random.ts'

export interface PlayedRollout {
  readonly tag: string
  readonly progressDeadlineSeconds: number
  /** What may stand on its card when all is over. */
  readonly ends: readonly Word[]
}

/** `n` makes the tag unlike any other's. Most come up after a while, some fail, some fail and come up after all. */
export function drawRollout(random: Random, n: number): PlayedRollout {
  const chance = random.next()
  if (chance < 0.12) return { tag: `${n}-badimage`, progressDeadlineSeconds: 12, ends: ['failed'] }
  if (chance < 0.2)
    return { tag: `${n}-comes-14000`, progressDeadlineSeconds: 6, ends: ['live', 'live after all'] }
  const takesMs = Math.round(random.between(6_000, 22_000))
  return { tag: `${n}-comes-${takesMs}`, progressDeadlineSeconds: 120, ends: ['live'] }
}

/** What was there before anything is counted is there at once. */
export const standingTag = '0-comes-0'

export function planOf({ spec }: Pod): KubeletPlan {
  const [, outcome, ms] = spec.containers[0]?.image.split(':').at(-1)?.split('-') ?? []
  return outcome === 'comes' ? { outcome: 'ready', pullMs: Number(ms) } : { outcome: 'image-pull-fails' }
}
