import type { RolloutTransition } from '@hermod/contracts'
import type { DigestItem, DigestStory, Size } from './card.ts'
import { causeSummary } from './cause.ts'
import { clockTime } from './clock.ts'
import { bold, plainText } from './escape.ts'
import { joinWithin } from './fit.ts'
import { whereParts } from './headline.ts'
import { rolloutVersion } from './image-version.ts'
import { colours, type Message, message } from './message.ts'
import { type Mood, moodOf } from './mood.ts'

const mostGood = 40
const mostBad = 20

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
  const text =
    about === 'deletions'
      ? `${items.length} Deployments were deleted · ${whereParts(rolloutOf(items[0])).join(' · ')}`
      : `While Hermod was away (${clockTime(first)} – ${clockTime(last)}): ${summary}`
  const rest = items.filter((item) => !bad.includes(item))
  const lines = [
    ...bad.slice(0, mostBad).map(badItem),
    ...(bad.length > mostBad ? [`and ${bad.length - mostBad} more of these`] : []),
    joinWithin(rest.slice(0, mostGood).map(goodItem), ' · ', 2_800),
    ...(rest.length > mostGood ? [`and ${rest.length - mostGood} more`] : []),
  ].filter((line) => line !== '')
  const colour = bad.length > 0 ? colours.failed : about === 'deletions' ? colours.deleted : colours.live
  return message(text, size === undefined ? { colour, lines, small: [] } : undefined)
}

function rolloutOf(item: DigestItem | undefined): { namespace: string; cluster: string } {
  return item?.transition.rollout ?? { namespace: '', cluster: 'default' }
}

function badItem({ transition }: DigestItem): string {
  const word = moodOf(transition) === 'failed' ? 'still failing' : 'still stuck'
  return `✗ ${name(transition, true)}: ${causeSummary(transition.rollout, word)}`
}

function goodItem({ transition }: DigestItem): string {
  const mood = moodOf(transition)
  if (mood === 'deleted') return plainText(transition.rollout.name, 80)
  return `${mood === 'live' || mood === 'recovered' ? '✓' : '…'} ${name(transition, false)}`
}

function name({ rollout }: RolloutTransition, isBold: boolean): string {
  const shown = plainText(rollout.name, 80)
  return [isBold ? bold(shown) : shown, plainText(rolloutVersion(rollout) ?? '', 40)]
    .filter(Boolean)
    .join(' ')
}
