import type { RolloutTransition } from '@hermod/contracts'
import type { RolloutStory, Size, Story } from './card.ts'
import { causeLines } from './cause.ts'
import { changedLine } from './change.ts'
import { resumeLine, undoLine } from './command.ts'
import { renderDigest } from './digest.ts'
import { footerLines } from './footer.ts'
import { blameLine, deadlineLine, harmLine } from './harm.ts'
import { headline, withdrawalLine } from './headline.ts'
import { colours, type Message, message } from './message.ts'
import { isFinal, type Mood, moodOf } from './mood.ts'
import { renderNotice } from './notice.ts'
import { plainStyle } from './plain.ts'
import { progressLine } from './progress.ts'
import type { RenderSettings } from './render-settings.ts'

/** What only the place knows. */
export interface About {
  readonly successor?: string | undefined
  /** URL of the message that this one goes on from; '' when there is none to link to. */
  readonly outdated?: string | undefined
  readonly size?: Size | undefined
  /** The post is the bad word itself. */
  readonly tellsWord: boolean
}

/** A card's one message. Pure: the same story, settings and surroundings give the same message. */
export function renderStory(story: Story, settings: RenderSettings, about: About): Message {
  if (story.kind === 'digest') return renderDigest(story, about.size)
  if (story.kind === 'notice') return renderNotice(story)
  const { shown } = story
  if (settings.style === 'plain') return plainStyle(shown)
  const mood = moodOf(shown)
  const first = headline(shown, about.successor)
  const pings = about.tellsWord && isBad(mood) ? mentions(story) : ''
  const lines = bodyLines(shown, mood, about.size)
  const small = about.size === undefined ? footerLines(story, settings, about.outdated) : []
  return message(
    `${pings}${first}`,
    about.size === 'plain' ? undefined : { colour: colours[mood], lines, small },
  )
}

/** The broadcast reply: what people are to notice, and who. */
export function renderReply(story: RolloutStory, settings: RenderSettings, { size }: About): Message {
  const { shown, word } = story
  if (settings.style === 'plain') return plainStyle(shown)
  const mood = moodOf(shown)
  const first = headline(shown)
  if (word?.says === 'bad' && !isBad(mood) && !isFinal(mood)) return message(withdrawalLine(shown), undefined)
  const lines = isBad(mood) ? bodyLines(shown, mood, 'small') : []
  const pings = isBad(mood) ? mentions(story) : ''
  return message(
    `${pings}${first}`,
    size === 'plain' ? undefined : { colour: colours[mood], lines, small: [] },
  )
}

function isBad(mood: Mood): boolean {
  return mood === 'stuck' || mood === 'failed'
}

function mentions({ mention }: RolloutStory): string {
  return mention.map((id) => (id.startsWith('S') ? `<!subteam^${id}> ` : `<@${id}> `)).join('')
}

function bodyLines(shown: RolloutTransition, mood: Mood, size: Size | undefined): string[] {
  const { rollout, at } = shown
  const brief = size !== undefined
  const pair = (...parts: (string | undefined)[]): string | undefined =>
    parts.filter((part) => part !== undefined).join(' ') || undefined
  const lines: Readonly<Record<Mood, () => (string | undefined)[]>> = {
    rolling: () => [progressLine(rollout)],
    paused: () => [progressLine(rollout), resumeLine(rollout)],
    stuck: () => [
      ...causeLines(rollout).slice(0, brief ? 1 : 3),
      pair(harmLine(rollout), deadlineLine(rollout), blameLine(rollout)),
      ...(brief ? [] : [changedLine(rollout)]),
      undoLine(rollout, at),
    ],
    failed: () => [
      ...causeLines(rollout).slice(0, brief ? 1 : 3),
      pair(harmLine(rollout), blameLine(rollout)),
      ...(brief ? [] : [changedLine(rollout)]),
      undoLine(rollout, at),
    ],
    live: () => [],
    recovered: () => [],
    superseded: () => [],
    deleted: () => [],
    released: () => [],
  }
  return lines[mood]().filter((line) => line !== undefined)
}
