/**
 * The example of a program that listens to Hermod: what a plain subscriber of `hermod.state.>` can tell, knowing
 * nothing but the contracts.
 */
import type { Change, Rollout, RolloutState } from '@hermod/contracts'
import type { BoardRollout } from './preview-state.ts'

/** Whether anything was ever said of it: how a Deployment stood when Hermod first saw it is no rollout. */
export function isAnnounced({ n }: Pick<RolloutState, 'n'>): boolean {
  return n > 0
}

export function boardRollout({ epoch, n, rollout }: RolloutState): BoardRollout {
  const { uid, attempt, namespace, name, phase, reason, change, replicas, times } = rollout
  const endedAt = endOf(rollout)
  return {
    key: `${uid}.${attempt}`,
    deployment: `${namespace}/${name}`,
    uid,
    attempt,
    order: [epoch, n],
    phase,
    reason,
    what: whatChanged(change),
    wanted: replicas.wanted,
    updated: replicas.updated,
    available: replicas.available,
    startedAt: Date.parse(times.startedAt),
    ...(endedAt !== undefined && { endedAt: Date.parse(endedAt) }),
    ...(times.deadlineAt !== undefined && { deadlineAt: Date.parse(times.deadlineAt) }),
  }
}

function endOf({ phase, times }: Rollout): string | undefined {
  if (phase === 'failed') return times.failedAt ?? times.progressedAt
  const isOver = phase === 'complete' || phase === 'superseded' || phase === 'deleted'
  return isOver ? (times.finishedAt ?? times.progressedAt) : undefined
}

/** Whether the first is the newer state, or as new: of equal ones the later counts. */
export function isNewer(state: BoardRollout, than: BoardRollout | undefined): boolean {
  if (than === undefined) return true
  const [epoch, n] = state.order
  const [thanEpoch, thanN] = than.order
  return epoch === thanEpoch ? n >= thanN : epoch > thanEpoch
}

/**
 * What a newer state says of others: a state is the latest of its Deployment, so an attempt that a later one follows
 * is never told of again. Each of them, as it ended.
 */
export function overtakenBy(newer: BoardRollout, known: Iterable<BoardRollout>): readonly BoardRollout[] {
  return [...known]
    .filter(
      ({ deployment, uid, attempt, endedAt }) =>
        deployment === newer.deployment &&
        endedAt === undefined &&
        (uid === newer.uid ? attempt < newer.attempt : true),
    )
    .map((each) => ({ ...each, phase: 'superseded', reason: 'NewTemplate', endedAt: newer.startedAt }))
}

function whatChanged({ classes, images, rollbackTo }: Change): string {
  const [image] = images
  const tags = image ? `: ${tagOf(image.from)} → ${tagOf(image.to)}` : ''
  const words = classes.map((each) =>
    each === 'rollback' ? `rollback to revision ${rollbackTo ?? '?'}` : each,
  )
  const named = words.join(', ').replaceAll('-', ' ')
  return `${named}${tags}` || 'not known'
}

function tagOf(image: string | undefined): string {
  return image?.slice(image.lastIndexOf(':') + 1) ?? 'none'
}

/** What came of the rollouts of one Deployment. */
export interface Record {
  readonly deployment: string
  readonly succeeded: number
  readonly failed: number
  /** Of each that succeeded, in order of its end. */
  readonly durations: readonly { readonly endedAt: number; readonly seconds: number }[]
}

/** By Deployment, most told of first; superseded and deleted rollouts came to nothing and are not counted. */
export function recordsOf(rollouts: Iterable<BoardRollout>): Record[] {
  const groups = Map.groupBy(rollouts, ({ deployment }) => deployment)
  return [...groups]
    .map(([deployment, own]): Record => {
      const good = own.filter(({ phase }) => phase === 'complete')
      return {
        deployment,
        succeeded: good.length,
        failed: own.filter(({ phase }) => phase === 'failed').length,
        durations: good
          .flatMap(({ startedAt, endedAt }) =>
            endedAt === undefined ? [] : [{ endedAt, seconds: Math.max(0, endedAt - startedAt) / 1000 }],
          )
          .sort((a, b) => a.endedAt - b.endedAt),
      }
    })
    .filter(({ succeeded, failed }) => succeeded + failed > 0)
    .sort((a, b) => told(b) - told(a) || a.deployment.localeCompare(b.deployment))
}

function told({ succeeded, failed }: Record): number {
  return succeeded + failed
}
