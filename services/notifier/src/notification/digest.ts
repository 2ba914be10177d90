import type { Rollout } from '@hermod/contracts'
import type { DigestItem, DigestStory, Size } from './card.ts'
import { causeSummary } from './cause.ts'
import { clockTime } from './clock.ts'
import { bold, plainText, withColon } from './escape.ts'
import { joinWhatFits } from './fit.ts'
import { whereParts } from './headline.ts'
import { rolloutVersion } from './image-version.ts'
import { colours, type Message, message } from './message.ts'
import { type Mood, moodOf } from './mood.ts'

const mostBad = 20
const roomForGood = 2_800

/** What happened while nobody could tell it: the numbers first, then the bad ones by name, then the rest. */
export function renderDigest({ about, items }: DigestStory, size: Size | undefined): Message {
  const times = items.map(({ transition }) => transition.at).toSorted()
  const [first = '', last = ''] = [times[0], times.at(-1)]
  const by = (...moods: Mood[]) => items.filter(({ transition }) => moods.includes(moodOf(transition)))
  const bad = by('failed', 'stuck')
  const counts: (readonly [number, string])[] = [
    [by('live', 'recovered').length, 'rolled out'],
    [by('failed').length, 'failed'],
    [by('stuck').length, 'stuck'],
    [by('rolling', 'paused').length, 'still rolling out'],
    [by('superseded').length, 'overtaken'],
    [by('deleted').length, 'deleted'],
  ]
  const summary = counts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(', ')
  const where = whereOf(items.map(({ transition }) => transition.rollout))
  const sentence =
    about === 'deletions'
      ? `${items.length} Deployments were deleted`
      : `While Hermod was away (${clockTime(first)} – ${clockTime(last)}): ${summary}`
  const text = [sentence, ...where.shared].join(' · ')
  const rest = items.filter((item) => !bad.includes(item)).map((item) => goodItem(item, where.naming))
  const { joined, left } = joinWhatFits(rest, ' · ', roomForGood)
  const lines = [
    ...bad.slice(0, mostBad).map((item) => badItem(item, where.naming)),
    ...(bad.length > mostBad ? [`and ${bad.length - mostBad} more of these`] : []),
    joined,
    ...(left > 0 ? [`and ${left} more`] : []),
  ].filter((line) => line !== '')
  const colour = bad.length > 0 ? colours.failed : about === 'deletions' ? colours.deleted : colours.live
  return message(text, size === undefined ? { colour, lines, small: [] } : undefined)
}

type Naming = (rollout: Rollout) => string

/** Where all are in one place the first line says it, else each says what tells it from the others: `shop/checkout`. */
function whereOf(rollouts: readonly Rollout[]): {
  readonly shared: readonly string[]
  readonly naming: Naming
} {
  const isOne = (key: 'cluster' | 'namespace'): boolean =>
    new Set(rollouts.map((each) => each[key])).size === 1
  const [first] = rollouts
  if (first === undefined || !isOne('cluster'))
    return { shared: [], naming: ({ cluster, namespace, name }) => named(cluster, namespace, name) }
  if (isOne('namespace')) return { shared: whereParts(first), naming: ({ name }) => named(name) }
  return { shared: whereParts(first).slice(1), naming: ({ namespace, name }) => named(namespace, name) }
}

function named(...parts: readonly string[]): string {
  return plainText(parts.join('/'), 120)
}

function badItem({ transition }: DigestItem, naming: Naming): string {
  const { rollout } = transition
  const word = moodOf(transition) === 'failed' ? 'still failing' : 'still stuck'
  return `✗ ${withColon(withVersion(bold(naming(rollout)), rollout))} ${causeSummary(rollout, word)}`
}

function goodItem({ transition }: DigestItem, naming: Naming): string {
  const { rollout } = transition
  const mood = moodOf(transition)
  if (mood === 'deleted') return naming(rollout)
  return `${mood === 'live' || mood === 'recovered' ? '✓' : '…'} ${withVersion(naming(rollout), rollout)}`
}

function withVersion(name: string, rollout: Rollout): string {
  return [name, plainText(rolloutVersion(rollout) ?? '', 40)].filter(Boolean).join(' ')
}
