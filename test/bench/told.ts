/** What was told of a run's rollouts, held against the API server's own history by the oracle. */
import { setTimeout as delay } from 'node:timers/promises'
import type { FakeSlack } from '@hermod/testkit'
import { type Attempt, readAttempts } from '../oracle/api-history.ts'
import { type Finding, judge } from '../oracle/judge.ts'
import type { CardState, SeenCard, Word } from '../oracle/slack-log.ts'
import { type Bed, now, type Rollout } from './bed.ts'
import type { Contender } from './contender.ts'
import type { Cell } from './figure.ts'

export interface Run {
  readonly bed: Bed
  readonly contender: Contender
  readonly slack: FakeSlack
  /** What was there before is no news. */
  readonly sinceMs: number
  /** When nobody was there to see it. */
  readonly blind?: { readonly fromMs: number; readonly toMs: number }
}

export interface Told {
  readonly findings: readonly Finding[]
  /** From the end of each rollout, as the API server shows it, to its word in Slack. */
  readonly endLagsMs: readonly number[]
  /** When the last message was posted or edited. */
  readonly lastMs: number
  readonly attempts: readonly { readonly attempt: Attempt; readonly states: readonly CardState[] }[]
}

/** Later than this after the API server, or after somebody was there again, an end is late. */
export const lateAfterMs = 30_000

// Longer than anything that hangs here.
const silenceMs = 40_000
const stillForMs = 3_000

/** Waits until nothing is missing and nothing more comes; or until Slack has been silent for long. */
export async function untilTold(run: Run): Promise<Told> {
  for (;;) {
    await delay(1_000)
    const told = judgeRun(run)
    const silentForMs = now() - Math.max(told.lastMs, run.sinceMs)
    const complete = !told.findings.some(({ kind }) => kind === 'lost')
    if (silentForMs > (complete ? stillForMs : silenceMs)) return told
  }
}

export function judgeRun({ bed, contender, slack, sinceMs, blind }: Run): Told {
  const attempts = readAttempts(bed.history, now())
  const log = contender.read(attempts)
  const findings = judge({ attempts, log, sinceMs, blind: blind ? [blind] : [] })
  const cards = Map.groupBy(log.cards, ({ uid }) => uid)
  const news = attempts
    .filter(({ beganMs }) => beganMs >= sinceMs)
    .map((attempt) => ({
      attempt,
      states: (cards.get(attempt.uid) ?? [])
        .filter((card) => speaksOf(card, attempt))
        .flatMap(({ states }) => states)
        .toSorted((a, b) => a.atMs - b.atMs),
    }))
  return {
    findings,
    attempts: news,
    endLagsMs: news.flatMap(({ attempt, states }) => {
      const { completeMs, failedMs } = attempt
      const said = wordAt(states, completeMs === undefined ? ['failed'] : ['live', 'live after all'])
      const due = completeMs ?? failedMs
      return due === undefined || said === undefined ? [] : [said - Math.max(due, blind?.toMs ?? 0)]
    }),
    lastMs: Math.max(
      0,
      ...slack.channels.flatMap(({ id }) =>
        slack.messages(id).map(({ versions }) => versions.at(-1)?.at ?? 0),
      ),
    ),
  }
}

/** `0 / 0 / 0 / 0`: lost, doubled, wrong (or out of order), late. */
export function verdict({ findings, endLagsMs }: Told, of: number): Cell {
  const count = (...kinds: readonly Finding['kind'][]): number =>
    findings.filter(({ kind }) => kinds.includes(kind)).length
  const counts = [
    count('lost'),
    count('doubled'),
    count('wrong', 'out of order'),
    endLagsMs.filter((lag) => lag > lateAfterMs).length,
  ]
  return { text: `of ${of}: ${counts.join(' / ')}`, amounts: counts.map((each) => each / of) }
}

/** The states in which a rollout was told. */
export function statesOf({ attempts }: Told, { name, namespace, tag }: Rollout): readonly CardState[] {
  const found = attempts.find(
    ({ attempt }) => attempt.name === name && attempt.namespace === namespace && attempt.tag === tag,
  )
  return found?.states ?? []
}

export function wordAt(states: readonly CardState[], words: readonly Word[]): number | undefined {
  return states.find(({ word }) => words.includes(word))?.atMs
}

function speaksOf({ uid, generation }: SeenCard, attempt: Attempt): boolean {
  return uid === attempt.uid && generation >= attempt.fromGeneration && generation <= attempt.toGeneration
}
