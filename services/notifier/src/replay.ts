// `replay`: past rollouts as they would look with the settings of today.
// Y1. It writes nothing into NATS, and into Slack only with --send, into the one channel that --to names.
// Y2. Nobody is pinged: a replayed bad word mentions no one.
import { setTimeout as delay } from 'node:timers/promises'
import { decodeEvent, parseTransition, type RolloutTransition, streams } from '@hermod/contracts'
import { asOperator, type Reach, reachNats, storedMessages } from '@hermod/jetstream'
import {
  defineCommand,
  FatalError,
  parseDuration,
  type RunCommand,
  type SettingsOf,
  setting,
  UsageError,
} from '@hermod/runtime'
import { checkNotifierConfig, type NotifierConfig, notifierSettings } from './config.ts'
import type { Card, RolloutStory } from './notification/card.ts'
import { readChannel } from './notification/channel-name.ts'
import type { Message } from './notification/message.ts'
import { messageLines } from './notification/message-lines.ts'
import { renderStory } from './notification/render.ts'
import { route } from './notification/route.ts'
import { takeIn } from './notification/take-in.ts'
import { createSlackClient, type SlackClient } from './slack-client.ts'

const usage = `usage: replay [--since 24h] [--to '#shadow' [--send]]
Shows the card of each rollout of that time as it would end with the settings of today. Only with --send it is posted,
into the channel of --to alone, and nobody is mentioned.
NATS_USER and NATS_PASSWORD name a user with the operator's rights; --password-stdin takes the password of the user
operator from standard input.`

type ReplayConfig = Omit<NotifierConfig, 'slackToken'> & Pick<Partial<NotifierConfig>, 'slackToken'>

const settings: SettingsOf<ReplayConfig> = {
  ...notifierSettings,
  slackToken: setting.secret({
    variable: 'SLACK_TOKEN',
    optional: true,
    about: 'the bot token of the Slack app, for --send',
  }),
}

/** Slack takes one post a second in a channel. */
const postEveryMs = 1_100

export const replay: RunCommand = asOperator(
  defineCommand({
    name: 'replay',
    usage,
    settings,
    check: (config) => checkNotifierConfig(config),
    options: { since: { type: 'string' }, to: { type: 'string' }, send: { type: 'boolean' } },
    run: async (config, { options, words, print, complain, signal }) => {
      if (words.length > 0) throw new UsageError(`unknown word ${words[0]}`, usage)
      const sinceMs = parseDuration(String(options['since'] ?? '24h'))
      if (sinceMs === undefined) throw new UsageError('--since is no time like 24h or 7d', usage)
      const to = options['to'] === undefined ? undefined : readChannel(String(options['to']))
      if (to?.kind === 'refused') throw new UsageError(`--to ${to.channel} ${to.problem}`, usage)
      await using poster = options['send'] === true ? new Poster(config, to?.channel) : undefined
      await using reach = await reachNats(config, { name: 'hermod-replay', signal })
      const cards = await pastCards(reach, Date.now() - sinceMs, config, complain)
      for (const { channels, story } of cards) {
        const message = renderStory(story, renderSettings(config), { tellsWord: false })
        print(`${story.shown.at}  → ${channels.map((channel) => `#${channel}`).join(', ')}`)
        for (const line of messageLines(message)) print(`  ${line}`)
        await poster?.post(message, story, signal)
      }
      const end = poster
        ? `posted to #${to?.channel}`
        : 'nothing was sent (--send does, into the channel of --to)'
      complain(`${cards.length} ${cards.length === 1 ? 'rollout' : 'rollouts'}; ${end}`)
      return 0
    },
  }),
)

interface PastCard {
  readonly channels: readonly string[]
  readonly story: RolloutStory
}

async function pastCards(
  reach: Reach,
  fromMs: number,
  config: ReplayConfig,
  complain: (line: string) => void,
): Promise<readonly PastCard[]> {
  const cards = new Map<string, Card>()
  let newer = 0
  for await (const { body } of storedMessages(reach, streams.rollouts.name, { fromMs })) {
    const event = decodeEvent(new TextDecoder().decode(body), parseTransition)
    if (event.kind === 'newer') newer++
    if (event.kind !== 'ok') continue
    const { data } = event.value
    const key = keyOf(data)
    const way = route(data.rollout, routeSettings(config))
    // As if it were then: what was told in time is not late today.
    const { card } = takeIn(cards.get(key), data, way, Date.parse(data.at))
    if (card) cards.set(key, card)
  }
  if (newer > 0)
    complain(`left out, of a newer release: ${newer} of the transitions; replay with its notifier`)
  return [...cards.values()].flatMap(({ story, places }) =>
    story.kind === 'rollout' && !story.hidden ? [{ story, channels: Object.keys(places) }] : [],
  )
}

function keyOf({ rollout: { cluster, namespace, name, uid, attempt } }: RolloutTransition): string {
  return JSON.stringify([cluster, namespace, name, uid, attempt])
}

function renderSettings({ messageStyle: style, linkTemplates, linkHostsAllowed }: ReplayConfig) {
  return { style, linkTemplates, linkHostsAllowed }
}

function routeSettings({ slackChannel, slackChannelsAllowed, teamMentions }: ReplayConfig) {
  return { defaultChannels: slackChannel ?? [], channelsAllowed: slackChannelsAllowed, teamMentions }
}

/** Says each card in the one channel, as quickly as Slack takes them. */
class Poster implements AsyncDisposable {
  readonly #slack: SlackClient
  readonly #channel: string

  constructor(config: ReplayConfig, channel: string | undefined) {
    const { slackToken, slackApiUrl: apiUrl, slackTimeoutMs: timeoutMs } = config
    if (channel === undefined) throw new UsageError("--send wants --to, a channel like '#shadow'", usage)
    if (!slackToken)
      throw new FatalError('SLACK_TOKEN is not set', { remedy: 'set it, --send posts with it' })
    const proxy = { http: config.httpProxy, https: config.httpsProxy, no: config.noProxy }
    this.#channel = channel
    this.#slack = createSlackClient({ apiUrl, token: () => slackToken.reveal(), proxy, timeoutMs })
  }

  async post(message: Message, { shown }: RolloutStory, signal: AbortSignal): Promise<void> {
    const key = `replay ${keyOf(shown)}`
    for (;;) {
      signal.throwIfAborted()
      const answer = await this.#slack.post({ channel: this.#channel, message, key })
      const limited = answer.kind === 'rate-limited'
      if (answer.kind !== 'delivered' && !limited)
        throw new FatalError(`Slack does not take it in #${this.#channel} (${answer.reason})`, {
          remedy: '`doctor` says what is wrong with the token or the channel',
        })
      await delay(limited ? answer.retryAfterMs : postEveryMs, undefined, { signal })
      if (!limited) return
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#slack[Symbol.asyncDispose]())
  }
}
