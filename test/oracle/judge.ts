/**
 * Holds what people read against what happened: lost, doubled, wrong, out of order, late. Where the cluster could not be
 * seen (the watcher, dedupe, NATS or the API was away) it forgives what k8s/failures.md says is forgiven, and no more.
 */
import type { Attempt } from './api-history.ts'
import { type CardState, isAbout, type SeenCard, type SlackLog, type Word } from './slack-log.ts'

export interface Finding {
  readonly kind: 'lost' | 'doubled' | 'wrong' | 'out of order' | 'late'
  readonly what: string
  /** Absent where it is of no rollout. */
  readonly attempt?: Attempt
}

export interface Evidence {
  readonly attempts: readonly Attempt[]
  readonly log: SlackLog
  /** What was there before is no news. */
  readonly sinceMs: number
  /** When nobody could see or pass on everything. */
  readonly blind: readonly { readonly fromMs: number; readonly toMs: number }[]
  /** When NATS lost all it had: what was under way is told to its end on the card that stands. */
  readonly erasedMs?: readonly number[]
  /** When a cache that outlived such a loss knew the end of this version: what it knows is taken for told. */
  readonly cachedMs?: (tag: string) => number | undefined
  /** While nothing is wrong an end is told within this. */
  readonly promptMs?: number
}

const bad: readonly Word[] = ['stuck', 'failed']
/** Rounding, and clocks of two processes. */
const toleranceMs = 1_500
/** What Slack does not have by then, the cache takes for told. */
const patienceMs = 30_000
/** A word takes no longer to Slack, not even behind others on a busy machine. */
const onItsWayMs = 10_000

/** Whether nobody could look from one moment to the other. */
type Unseen = (fromMs: number, toMs: number) => boolean

export function judge(evidence: Evidence): readonly Finding[] {
  const { attempts, log, sinceMs, blind, erasedMs = [] } = evidence
  const findings: Finding[] = []
  const news = attempts.filter(({ beganMs }) => beganMs >= sinceMs)
  const unseen: Unseen = (fromMs, toMs) =>
    blind.some((window) => window.fromMs <= fromMs && window.toMs >= toMs)
  for (const attempt of news) {
    const cards = log.cards
      .filter((card) => speaksOf(card, attempt))
      .filter((card, at, all) => at === all.length - 1 || !isForgotten(card, all.at(-1), attempt, erasedMs))
    for (const [channel, there] of Map.groupBy(cards, (card) => card.channel))
      if (there.length > 1)
        findings.push({
          kind: 'doubled',
          what: `${nameOf(attempt)} has ${there.length} cards in ${channel}`,
          attempt,
        })
    const [card] = cards
    const returned = attempts.find(
      (later) => isReturn(attempt, later, unseen) && !log.cards.some((each) => speaksOf(each, later)),
    )
    const own = card
      ? judgeCard(attempt, card, evidence, { returned, hasVanished: hasVanished(attempt, attempts, unseen) })
      : judgeSilence(attempt, evidence)
    const mayBeUntold =
      (card && isAbandoned(card, attempt, evidence)) ||
      erasedMs.some((ms) => wasTakenForTold(attempt, ms, evidence)) ||
      (!card && attempts.some((earlier) => isReturn(earlier, attempt, unseen)))
    findings.push(...own.filter(({ kind }) => kind !== 'lost' || !mayBeUntold))
    for (const { word, text } of log.mentions.filter((mention) => isAbout(mention, attempt)))
      if (!mayHaveBeen(word, attempt))
        findings.push({ kind: 'wrong', what: `${nameOf(attempt)} is called ${word}: ${text}`, attempt })
  }
  for (const card of log.cards)
    if (!news.some((attempt) => speaksOf(card, attempt)))
      findings.push({ kind: 'wrong', what: `a card about no rollout: ${textsOf(card)}` })
  return findings
}

/** NATS lost the card, and whoever found its rollout again found it by another generation: that is another card. */
function isForgotten(
  { generation }: SeenCard,
  last: SeenCard | undefined,
  { beganMs }: Attempt,
  erasedMs: readonly number[],
): boolean {
  return generation !== last?.generation && erasedMs.some((ms) => ms >= beganMs)
}

/** NATS lost the card, and nothing is left of the attempt that anybody would look at. */
function isAbandoned(
  { states }: SeenCard,
  { beganMs, endedMs }: Attempt,
  { erasedMs = [], blind }: Evidence,
): boolean {
  if (endedMs === undefined) return false
  // While NATS was away before, nothing was on its way.
  const sinceMs = blind
    .toSorted((one, other) => one.fromMs - other.fromMs)
    .reduce((ms, { fromMs, toMs }) => (fromMs <= ms ? Math.max(ms, toMs) : ms), endedMs)
  return erasedMs.some(
    (ms) =>
      beganMs <= ms && sinceMs >= ms - onItsWayMs && states.every(({ atMs }) => atMs <= ms + toleranceMs),
  )
}

function wasTakenForTold({ tag, completeMs }: Attempt, erasedMs: number, { cachedMs }: Evidence): boolean {
  const overMs = completeMs ?? Number.POSITIVE_INFINITY
  const knownMs = cachedMs?.(tag) ?? Number.POSITIVE_INFINITY
  return knownMs <= erasedMs && knownMs - overMs >= patienceMs - toleranceMs
}

function isEnd(word: Word): boolean {
  return word === 'failed' || final.includes(word)
}

function speaksOf({ uid, generation }: SeenCard, attempt: Attempt): boolean {
  return uid === attempt.uid && generation >= attempt.fromGeneration && generation <= attempt.toGeneration
}

/** A → B → A while nobody looked: to whoever comes back nothing has changed. */
function isReturn(earlier: Attempt, later: Attempt, unseen: Unseen): boolean {
  const { uid, template, endedMs } = earlier
  return (
    uid === later.uid &&
    template === later.template &&
    endedMs !== undefined &&
    endedMs <= later.beganMs &&
    unseen(endedMs, later.beganMs)
  )
}

function mayHaveBeen(word: Word, { completeMs, failedMs, isEmptied }: Attempt): boolean {
  if (word === 'live') return completeMs !== undefined
  return word !== 'failed' || failedMs !== undefined || isEmptied === true
}

/** Overtaken and then deleted while nobody looked: whoever comes back finds it gone. */
function hasVanished({ uid, endedMs }: Attempt, attempts: readonly Attempt[], unseen: Unseen): boolean {
  const last = attempts.findLast((each) => each.uid === uid && each.endedBy === 'deleted')
  return endedMs !== undefined && last?.endedMs !== undefined && unseen(endedMs, last.endedMs)
}

function judgeSilence(attempt: Attempt, { blind, log }: Evidence): Finding[] {
  const { beganMs, endedMs, completeMs } = attempt
  const ends = allowedEnds(attempt, true)
  // A digest has no word for what came to no end.
  const isTold = (word: Word): boolean =>
    ends.includes(word) || (word === 'rolling out' && endedMs !== undefined)
  if (log.mentions.some((mention) => isAbout(mention, attempt) && isTold(mention.word))) return []
  const wasBlind = blind.some(
    ({ fromMs, toMs }) => fromMs < (endedMs ?? Number.POSITIVE_INFINITY) && toMs > beganMs,
  )
  // Overtaken or gone before anybody could have said a word of it.
  if (endedMs !== undefined && (wasBlind || (completeMs === undefined && endedMs - beganMs < 5_000)))
    return []
  if (endedMs !== undefined && attempt.endedBy === 'deleted') return []
  return [{ kind: 'lost', what: `${nameOf(attempt)} was never told`, attempt }]
}

function judgeCard(
  attempt: Attempt,
  card: SeenCard,
  { blind, erasedMs = [], promptMs = Number.POSITIVE_INFINITY }: Evidence,
  { returned, hasVanished }: { readonly returned: Attempt | undefined; readonly hasVanished: boolean },
): Finding[] {
  const findings: Finding[] = []
  const find = (kind: Finding['kind'], why: string): void =>
    void findings.push({ kind, what: `${nameOf(attempt)} ${why}: ${textsOf(card)}`, attempt })
  const { endedMs, endedBy } = attempt
  const completeMs = attempt.completeMs ?? returned?.completeMs
  const failedMs = attempt.failedMs ?? returned?.failedMs
  const blindTo = (atMs: number): boolean => blind.some(({ fromMs, toMs }) => fromMs <= atMs && toMs >= atMs)
  for (const { word, atMs } of card.states) {
    if (
      (word === 'live' || word === 'live after all') &&
      !(completeMs !== undefined && completeMs <= atMs + toleranceMs)
    )
      find('wrong', 'was called live and was not')
    const hadFailed = attempt.isEmptied || (failedMs !== undefined && failedMs <= atMs + toleranceMs)
    if (word === 'failed' && !hadFailed) find('wrong', 'was called failed and had not')
    if (word === 'overtaken' && endedBy !== 'overtaken') find('wrong', 'was called overtaken and was not')
    if (word === 'deleted' && endedBy !== 'deleted' && !hasVanished)
      find('wrong', 'was called deleted and was not')
    if (word === 'other') find('wrong', 'is told in words that nobody knows')
  }
  const overMs = completeMs ?? Number.POSITIVE_INFINITY
  const toldMs = card.states.find(({ atMs, word }) => atMs >= overMs - toleranceMs && isEnd(word))?.atMs ?? 0
  const wasTroubled = blind.some(({ fromMs, toMs }) => fromMs <= toldMs && toMs >= overMs)
  if (toldMs - overMs > promptMs && !wasTroubled)
    find('late', `was told ${((toldMs - overMs) / 1_000).toFixed(1)} s after its end`)
  for (const why of disorder(card.states, erasedMs)) find('out of order', why)
  const badReplies = card.replies.filter(({ word }) => bad.includes(word))
  if (
    badReplies.length > 1 &&
    !card.states.some(({ word }) => word === 'rolling out' || word === 'live after all')
  )
    find('doubled', `was broadcast ${badReplies.length} times`)
  const last = card.states.at(-1)?.word
  // Who went unseen when it ended may be told as what came after.
  const unseen =
    (completeMs !== undefined &&
      endedMs !== undefined &&
      blind.some(({ fromMs, toMs }) => fromMs <= endedMs && toMs >= completeMs)) ||
    (endedMs !== undefined && blindTo(endedMs))
  const ends = [
    ...allowedEnds(attempt, unseen),
    ...(hasVanished ? (['deleted'] as const) : []),
    ...(returned ? allowedEnds({ ...returned, ...(completeMs !== undefined && { completeMs }) }, true) : []),
  ]
  if (last !== undefined && !ends.includes(last)) find('lost', `ends as "${last}" on the card`)
  return findings
}

function allowedEnds(attempt: Attempt, unseen: boolean): readonly Word[] {
  const { completeMs, failedMs, endedBy, paused, isEmptied } = attempt
  if (isEmptied && completeMs !== undefined) {
    const { completeMs: _, isEmptied: __, ...unproved } = attempt
    return ['live', 'live after all', 'failed', 'paused', 'stuck', ...allowedEnds(unproved, unseen)]
  }
  if (completeMs !== undefined) {
    const live: readonly Word[] = failedMs !== undefined ? ['live after all', 'live'] : ['live']
    if (!unseen) return live
    return [...live, endedBy === 'deleted' ? 'deleted' : 'overtaken', 'failed']
  }
  if (endedBy === 'deleted') return failedMs === undefined ? ['deleted'] : ['deleted', 'failed']
  if (endedBy === 'overtaken') return failedMs === undefined ? ['overtaken'] : ['overtaken', 'failed']
  if (failedMs !== undefined) return ['failed']
  return paused ? ['paused', 'stuck'] : ['rolling out', 'stuck']
}

const final: readonly Word[] = ['live', 'live after all', 'overtaken', 'deleted', 'no longer watched']

function disorder(states: readonly CardState[], erasedMs: readonly number[]): readonly string[] {
  return states.flatMap(({ word, atMs }, at) => {
    const { word: next, atMs: nextMs = atMs } = states[at + 1] ?? {}
    // That it had failed was lost with everything else, while it was told or after that.
    const hadFailed = word === 'failed' || word === 'live after all'
    const isLost = hadFailed && erasedMs.some((ms) => atMs <= ms + onItsWayMs && ms <= nextMs)
    if (isLost && (next === 'live' || next === 'rolling out')) return []
    if (next === undefined || next === word) return []
    if (final.includes(word)) return [`went on as "${next}" after its end`]
    if (word === 'failed' && next !== 'live after all' && next !== 'deleted')
      return [`went from failed to "${next}"`]
    return []
  })
}

function nameOf({ namespace, name, tag, fromGeneration, beganMs }: Attempt): string {
  return `${namespace}/${name} ${tag} (generation ${fromGeneration}, at ${(beganMs / 1_000).toFixed(1)} s)`
}

function textsOf({ states }: SeenCard): string {
  return states.map(({ atMs, text }) => `${(atMs / 1_000).toFixed(1)} s "${text}"`).join(' → ')
}
