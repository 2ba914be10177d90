import type { Rollout } from '@hermod/contracts'
import { clockTime, span } from './clock.ts'

/** How far it is: `3 of 5 pods updated, 5 available · since 14:22, usually 1 m 10 s`. */
export function progressLine({ replicas, times, typicalSeconds }: Rollout): string {
  const { wanted, updated, available } = replicas
  const count =
    wanted === 0
      ? 'scaled to 0 pods'
      : `${Math.min(updated, wanted)} of ${wanted} ${pods(wanted)} updated, ${available} available`
  const usually = typicalSeconds === undefined ? '' : `, usually ${span(typicalSeconds)}`
  return `${count} · since ${clockTime(times.startedAt)}${usually}`
}

export function pods(count: number): string {
  return count === 1 ? 'pod' : 'pods'
}
