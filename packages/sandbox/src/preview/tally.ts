/**
 * The independent count: what the cluster did, as its API shows it, against what stands in Slack. It knows nothing of
 * Hermod but the key and the colour of a card.
 */
import type { Tally } from './preview-state.ts'

/** A Deployment as the API server shows it, as far as it counts. */
export interface SeenDeployment {
  readonly metadata: { readonly uid: string; readonly name: string; readonly generation?: number }
  readonly spec: { readonly replicas?: number; readonly template: unknown }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

/** One change of a pod template. Times are Unix ms. */
export interface TemplateChange {
  readonly uid: string
  readonly name: string
  readonly generation: number
  readonly template: string
  /** The Progressing condition that stood when it began says nothing about it. */
  readonly conditionBefore: string
  readonly result: 'open' | 'complete' | 'failed' | 'overtaken' | 'deleted'
  readonly endedAt?: number
}

/** By uid, oldest first. The first one of a Deployment that was there before the count is its baseline. */
export type History = ReadonlyMap<string, readonly TemplateChange[]>

/** The history after another look at a Deployment. */
export function see(
  history: History,
  type: 'LISTED' | 'CHANGED',
  deployment: SeenDeployment,
  now: number,
): History {
  const { uid } = deployment.metadata
  const before = history.get(uid) ?? []
  const last = before.at(-1)
  const next = new Map(history)
  const template = JSON.stringify(deployment.spec.template)
  if (last?.template !== template) {
    const began = beginning(deployment, template)
    // What stood there before the count, or was counted already, is no change.
    const first = type === 'LISTED' && !last ? end(began, 'complete', Number.NEGATIVE_INFINITY) : began
    const overtaken = before.map((each) => (isOver(each) ? each : end(each, 'overtaken', now)))
    return next.set(uid, [...overtaken, judged(first, deployment, now)])
  }
  return next.set(uid, [...before.slice(0, -1), judged(last, deployment, now)])
}

/** The history after a Deployment was deleted. */
export function seeGone(history: History, uid: string, now: number): History {
  const before = history.get(uid) ?? []
  const ended = before.map((each) => (isOver(each) ? each : end(each, 'deleted', now)))
  return new Map(history).set(uid, ended)
}

function beginning({ metadata, status }: SeenDeployment, template: string): TemplateChange {
  return {
    uid: metadata.uid,
    name: metadata.name,
    generation: metadata.generation ?? 1,
    template,
    conditionBefore: JSON.stringify(progressing(status)),
    result: 'open',
  }
}

function judged(change: TemplateChange, deployment: SeenDeployment, now: number): TemplateChange {
  if (change.result === 'complete') return change
  if (isComplete(deployment)) return end(change, 'complete', now)
  const condition = progressing(deployment.status)
  const isNews = JSON.stringify(condition) !== change.conditionBefore
  const hasFailed = change.result === 'open' && condition?.status === 'False' && isNews
  return hasFailed ? end(change, 'failed', now) : change
}

function isComplete({ metadata, spec, status = {} }: SeenDeployment): boolean {
  const wanted = spec.replicas ?? 1
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status
  return (
    observedGeneration >= (metadata.generation ?? 1) &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === wanted)
  )
}

function progressing(status: SeenDeployment['status']): { readonly status: string } | undefined {
  return status?.conditions?.find(({ type }) => type === 'Progressing')
}

function isOver({ result }: TemplateChange): boolean {
  return result !== 'open'
}

function end(change: TemplateChange, result: TemplateChange['result'], endedAt: number): TemplateChange {
  return { ...change, result, endedAt }
}

/** A message of Hermod's in a channel. */
export interface CountedCard {
  readonly channel: string
  /** `<uid>.<attempt>`; undefined for a digest, which tells of several. */
  readonly rollout: string | undefined
  readonly text: string
  /** As the bar or the first line shows it: nothing follows a final state, but for a recovery. */
  readonly says: 'open' | 'complete' | 'failed' | 'other end'
  /** Unix ms. */
  readonly postedAt: number
}

// A token that Slack refuses is tried again once a minute.
const graceMs = 90_000

/**
 * @param wholeSince Unix ms since when nothing is broken on purpose, undefined while something is: what is late until
 * then is in flight, not lost.
 */
export function tally(
  history: History,
  cards: readonly CountedCard[],
  now: number,
  wholeSince: number | undefined,
): Tally {
  const counts = { expected: 0, delivered: 0, inFlight: 0, lost: 0, doubled: 0 }
  const byUid = Map.groupBy(cards, ({ rollout }) => rollout?.split('.')[0])
  const digests = byUid.get(undefined) ?? []
  for (const [uid, changes] of history) {
    for (const [index, change] of changes.entries()) {
      if (change.endedAt === Number.NEGATIVE_INFINITY) continue
      const until = changes[index + 1]?.generation ?? Number.POSITIVE_INFINITY
      const own = (byUid.get(uid) ?? []).filter(({ rollout }) => isOf(rollout, change, until))
      const isSilent = (change.result === 'overtaken' || change.result === 'deleted') && own.length === 0
      if (isSilent) continue
      counts.expected += 1
      counts.doubled += own.length - new Set(own.map(({ channel }) => channel)).size
      if (isTold(change, own, digests)) counts.delivered += 1
      else if (!isOver(change) || isInTime(change, now, wholeSince)) counts.inFlight += 1
      else counts.lost += 1
    }
  }
  return counts
}

function isOf(rollout: string | undefined, { uid, generation }: TemplateChange, until: number): boolean {
  const [ofUid, attempt] = rollout?.split('.') ?? []
  return ofUid === uid && Number(attempt) >= generation && Number(attempt) < until
}

function isTold(
  change: TemplateChange,
  own: readonly CountedCard[],
  digests: readonly CountedCard[],
): boolean {
  if (change.result === 'open') return false
  const wanted = change.result === 'overtaken' || change.result === 'deleted' ? 'other end' : change.result
  // A rollout that failed and was then overtaken may end as either.
  const isEnd = ({ says }: CountedCard): boolean =>
    says === wanted || (wanted === 'other end' && says !== 'open')
  if (own.some(isEnd)) return true
  const { name, endedAt = 0 } = change
  return digests.some(({ text, postedAt }) => postedAt >= endedAt && text.split(/[\s*:·]+/).includes(name))
}

function isInTime({ endedAt = 0 }: TemplateChange, now: number, wholeSince: number | undefined): boolean {
  return wholeSince === undefined || now - Math.max(endedAt, wholeSince) < graceMs
}
