import type { Change, Rollout, RolloutTransition } from '@hermod/contracts'
import { secondsBetween, span } from './clock.ts'
import { bold, plainText } from './escape.ts'
import { rolloutVersion, versionStep } from './image-version.ts'
import { link } from './links.ts'
import { type Mood, moodOf } from './mood.ts'

/** Where there is no colour, as in a phone's notification, these carry what the bar says. */
const symbols: Readonly<Partial<Record<Mood, string>>> = {
  live: '✓',
  recovered: '✓',
  failed: '✗',
  stuck: '⚠',
}

/** The first line, in mrkdwn: what, where, did it work. `successor` is the URL of the card that overtook this one. */
export function headline(shown: RolloutTransition, successor?: string): string {
  const mood = moodOf(shown)
  const { rollout } = shown
  const parts = [sentence(shown, mood, successor), ...whereParts(rollout), howLong(shown, mood)]
  return [symbols[mood], parts.filter((part) => part !== undefined).join(' · ')].filter(Boolean).join(' ')
}

/** What becomes of a bad word that was too early. */
export function withdrawalLine({ rollout }: RolloutTransition): string {
  const version = plainText(rolloutVersion(rollout) ?? '', 80)
  const what = [bold(plainText(rollout.name)), version].filter(Boolean).join(' ')
  return [`${what} is no longer stuck`, ...whereParts(rollout)].join(' · ')
}

/** ` · namespace · cluster`, in parts; an unnamed cluster is left out. */
export function whereParts({ namespace, cluster }: Pick<Rollout, 'namespace' | 'cluster'>): string[] {
  return [plainText(namespace), ...(cluster === 'default' ? [] : [plainText(cluster)])]
}

function sentence(shown: RolloutTransition, mood: Mood, successor: string | undefined): string {
  const { rollout } = shown
  const name = bold(plainText(rollout.name))
  const version = plainText(rolloutVersion(rollout) ?? '', 80)
  const both = version === '' ? name : `${name} ${version}`
  const { updated, wanted } = rollout.replicas
  switch (mood) {
    case 'rolling':
      return shown.kind === 'resumed' ? `${both} goes on rolling out` : beginning(rollout, name, both)
    case 'paused':
      return `${both} is paused at ${Math.min(updated, wanted)} of ${wanted} pods`
    case 'stuck':
      return `${both} is stuck`
    case 'failed':
      return `${both} failed`
    case 'live':
      return ending(rollout, name, both)
    case 'recovered':
      return `${both} is live after all`
    case 'superseded':
      return overtaken(shown, both, successor)
    case 'deleted':
      return `${name} was deleted`
    default:
      return `${name} is no longer watched`
  }
}

function beginning(rollout: Rollout, name: string, both: string): string {
  const { classes, rollbackTo } = rollout.change
  switch (mainClass(classes)) {
    case 'new-image':
      return `${stepOf(rollout, name) ?? both} is rolling out`
    case 'config':
      return `${both} is rolling out with another configuration`
    case 'resources':
      return `${both} is rolling out with other resources`
    case 'restart':
      return `${both} is restarting, nothing changed`
    case 'rollback': {
      const what = stepOf(rollout, name) ?? both
      return `${what} is rolling back${rollbackTo === undefined ? '' : ` to revision ${plainText(rollbackTo, 20)}`}`
    }
    case 'new-deployment':
      return `${both} is new and starts up`
    default:
      return `${both} is rolling out`
  }
}

/** A rollback brings an image or a configuration back: that it is one counts more. */
function mainClass(classes: Change['classes']): Change['classes'][number] | undefined {
  return classes.includes('rollback') ? 'rollback' : classes[0]
}

/** `*checkout* 2.4.0 → *2.4.1*`, where the image says so. */
function stepOf({ change }: Rollout, name: string): string | undefined {
  const image = change.images.find(({ from, to }) => from !== undefined && to !== undefined)
  if (image === undefined) return undefined
  const { from, to } = versionStep(image)
  return `${name} ${plainText(from, 80)} → ${bold(plainText(to, 80))}`
}

function ending({ change: { classes, rollbackTo } }: Rollout, name: string, both: string): string {
  const main = mainClass(classes)
  if (main === 'restart') return `${both} has restarted`
  if (main === 'new-deployment') return `${both} is live for the first time`
  if (main !== 'rollback') return `${both} is live`
  const revision = rollbackTo === undefined ? '' : ` (revision ${plainText(rollbackTo, 20)})`
  return `${both.replace(name, `${name} is rolled back to`)}${revision}`
}

function overtaken({ rollout, at }: RolloutTransition, both: string, successor: string | undefined): string {
  const next = rollout.supersededBy?.images.find(({ to }) => to !== undefined)
  const label = next === undefined ? 'a newer rollout' : versionStep({ from: '', ...next }).to
  const { startedAt, finishedAt = at } = rollout.times
  return `${both} was overtaken by ${link(successor, label)} after ${span(secondsBetween(startedAt, finishedAt))}`
}

function howLong({ rollout: { times }, at }: RolloutTransition, mood: Mood): string | undefined {
  const { startedAt, failedAt, finishedAt = at } = times
  switch (mood) {
    case 'live':
      return `took ${span(secondsBetween(startedAt, finishedAt))}`
    case 'failed':
      return `after ${span(secondsBetween(startedAt, failedAt ?? at))}`
    case 'recovered':
      return failedAt === undefined
        ? `took ${span(secondsBetween(startedAt, finishedAt))}`
        : `failing for ${span(secondsBetween(failedAt, finishedAt))} before`
    default:
      return undefined
  }
}
