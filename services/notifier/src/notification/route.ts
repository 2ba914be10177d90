import {
  alertAnnotation,
  mentionAnnotation,
  mostListed,
  type Rollout,
  readAlert,
  readMentions,
  slackAnnotation,
} from '@hermod/contracts'
import { readChannels } from './channel-name.ts'

export interface RouteSettings {
  /** Where rollouts go whose namespace names no channel. */
  readonly defaultChannels: readonly string[]
  /** Channels that annotations may name; with it set, a Deployment may name one too. */
  readonly channelsAllowed: readonly string[] | undefined
  /** Team label → who to ping. */
  readonly teamMentions: ReadonlyMap<string, string>
}

export interface Route {
  /** Names without `#`, or ids; each once. Empty = nobody is to hear of it. */
  readonly channels: readonly string[]
  /** What stands in an annotation and cannot be used, for the fallback channel. */
  readonly refused: readonly { readonly channel: string; readonly problem: string }[]
  /** `alert: failure`: nothing until something is wrong. */
  readonly failuresOnly: boolean
  /** Slack's ids of people and groups: U…, W…, S…. */
  readonly mention: readonly string[]
}

/** Decides who hears of a rollout: the Deployment's word before its namespace's, that before the default. */
export function route(rollout: Rollout, settings: RouteSettings): Route {
  const { annotations, namespaceAnnotations = {}, team } = rollout
  const own = annotations[slackAnnotation]
  const ofNamespace = namespaceAnnotations[slackAnnotation]
  return {
    ...(settings.channelsAllowed === undefined
      ? withoutOwn(own, channelsOf([ofNamespace], settings))
      : channelsOf([own, ofNamespace], settings)),
    failuresOnly: readAlert(nearest(rollout, alertAnnotation) ?? '') === 'failure',
    mention: mentionsOf([
      nearest(rollout, mentionAnnotation) ?? '',
      (team === undefined ? undefined : settings.teamMentions.get(team)) ?? '',
    ]),
  }
}

/** The Deployment's annotation if it has one, else its namespace's. */
function nearest({ annotations, namespaceAnnotations }: Rollout, key: string): string | undefined {
  return annotations[key] ?? namespaceAnnotations?.[key]
}

type Channels = Pick<Route, 'channels' | 'refused'>

// Whoever may change a Deployment may write in its namespace's channel, and in another only if an operator said so.
function withoutOwn(own: string | undefined, { channels, refused }: Channels): Channels {
  const problem = 'is named by a Deployment, and no SLACK_CHANNELS_ALLOWED allows that'
  const ignored = readChannels(own ?? '')
    .map(({ channel }) => channel)
    .filter((channel) => !channels.includes(channel))
  return { channels, refused: [...refused, ...ignored.map((channel) => ({ channel, problem }))] }
}

// Where nothing of the nearest word can be used, the next one counts.
function channelsOf(words: readonly (string | undefined)[], settings: RouteSettings): Channels {
  const refused: Route['refused'][number][] = []
  for (const word of words) {
    const read = allowedOf(word ?? '', settings)
    refused.push(...read.refused)
    if (read.channels.length > 0) return { channels: read.channels, refused }
  }
  return { channels: settings.defaultChannels, refused }
}

function allowedOf(text: string, { channelsAllowed }: RouteSettings): Channels {
  const channels = new Set<string>()
  const refused: { channel: string; problem: string }[] = []
  for (const read of readChannels(text)) {
    if (read.kind === 'refused') refused.push({ channel: read.channel, problem: read.problem })
    else if (channelsAllowed?.includes(read.channel) === false)
      refused.push({ channel: read.channel, problem: 'is not one of SLACK_CHANNELS_ALLOWED' })
    else channels.add(read.channel)
  }
  return { channels: [...channels], refused }
}

function mentionsOf(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap(readMentions))].slice(0, mostListed)
}
