import type { ShownCard } from './shown-cards.ts'

/** A rollout that was made, and the word that must end it. */
export interface Expected {
  readonly namespace: string
  readonly name: string
  readonly tag: string
  readonly end: 'live' | 'failed'
}

export interface Tally {
  /** Rollouts that have no card yet, or one that does not say its end yet. */
  readonly missing: readonly string[]
  /** Rollouts with more than one card, or with more than one reply. */
  readonly doubled: readonly string[]
  /** Cards that speak of no rollout that was made. */
  readonly unexpected: readonly string[]
}

const endWords = { live: / is live\b/, failed: / failed\b/ } as const

/** Compares what was rolled out with what a channel shows. */
export function tally(expected: readonly Expected[], cards: readonly ShownCard[]): Tally {
  const cardsOf = (rollout: Expected): readonly ShownCard[] =>
    cards.filter(({ headline }) => speaksOf(headline, rollout))
  const said = (rollout: Expected): boolean =>
    cardsOf(rollout).some(({ headline }) => endWords[rollout.end].test(headline))
  const doubled = (rollout: Expected): boolean =>
    cardsOf(rollout).length > 1 || cardsOf(rollout).some(({ replies }) => replies.length > 1)
  const describe = (rollout: Expected): string => `${wordsOf(rollout)}: ${history(cardsOf(rollout))}`
  return {
    missing: expected.filter((rollout) => !said(rollout)).map(describe),
    doubled: expected.filter(doubled).map(describe),
    unexpected: cards
      .filter(({ headline }) => !expected.some((rollout) => speaksOf(headline, rollout)))
      .map(({ headline }) => headline),
  }
}

function speaksOf(headline: string, { namespace, name, tag }: Expected): boolean {
  const words = headline.split(/[\s·]+/)
  return [namespace, name, tag].every((word) => words.includes(word))
}

function history(cards: readonly ShownCard[]): string {
  if (cards.length === 0) return 'no card'
  return cards
    .map(({ ts, headlines, replies }) => `[${ts} ${[...headlines, ...replies].join(' | ')}]`)
    .join(' ')
}

function wordsOf({ namespace, name, tag, end }: Expected): string {
  return `${namespace}/${name} ${tag} (${end})`
}
