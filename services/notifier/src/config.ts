import { streams } from '@hermod/contracts'
import { checkNatsConfig, type NatsConfig, natsSettings } from '@hermod/jetstream'
import { type Secret, type SettingProblem, type SettingsOf, setting } from '@hermod/runtime'
import { channelList, linkList, mentionList } from './setting-shapes.ts'

export interface NotifierConfig extends NatsConfig {
  readonly slackToken: Secret
  readonly slackApiUrl: string
  /** Names without `#`, or ids. */
  readonly slackChannel: readonly string[] | undefined
  readonly slackFallbackChannel: readonly string[] | undefined
  readonly slackChannelsAllowed: readonly string[] | undefined
  readonly slackEditsPerMinute: number
  readonly slackReadbackWaitMs: number
  readonly slackTimeoutMs: number
  readonly messageStyle: 'card' | 'plain'
  readonly linkTemplates: readonly (readonly [name: string, url: string])[]
  readonly linkHostsAllowed: readonly string[] | undefined
  readonly teamMentions: ReadonlyMap<string, string>
  readonly cardRetentionMs: number
  readonly httpProxy: string | undefined
  readonly httpsProxy: string | undefined
  readonly noProxy: string | undefined
}

const day = 24 * 3_600_000

export const notifierSettings: SettingsOf<NotifierConfig> = {
  ...natsSettings,
  slackToken: setting.secret({
    variable: 'SLACK_TOKEN',
    about: 'the bot token of the Slack app, which begins with xoxb-',
  }),
  slackApiUrl: setting.url({
    variable: 'SLACK_API_URL',
    default: 'https://slack.com/api/',
    about: "the address of Slack's Web API",
  }),
  slackChannel: setting.parsed(channelList, {
    variable: 'SLACK_CHANNEL',
    optional: true,
    about: 'the channel of namespaces that name none',
  }),
  slackFallbackChannel: setting.parsed(channelList, {
    variable: 'SLACK_FALLBACK_CHANNEL',
    optional: true,
    about: 'the channel that is told of channels that do not work; SLACK_CHANNEL if not set',
  }),
  slackChannelsAllowed: setting.parsed(channelList, {
    variable: 'SLACK_CHANNELS_ALLOWED',
    optional: true,
    about: 'the channels that annotations may name; with it set, a Deployment may name one too',
  }),
  slackEditsPerMinute: setting.integer({
    variable: 'SLACK_EDITS_PER_MINUTE',
    default: 50,
    min: 1,
    max: 6_000,
    about: 'how often a minute messages of the workspace are edited',
  }),
  slackReadbackWaitMs: setting.duration({
    variable: 'SLACK_READBACK_WAIT',
    default: 5_000,
    maxMs: 120_000,
    about: 'how long a message is given to show up in its channel before it is looked for',
  }),
  slackTimeoutMs: setting.duration({
    variable: 'SLACK_TIMEOUT',
    default: 10_000,
    minMs: 500,
    maxMs: 60_000,
    about: 'how long one call to Slack may take; the same for every instance',
  }),
  messageStyle: setting.oneOf(['card', 'plain'], {
    variable: 'MESSAGE_STYLE',
    default: 'card',
    about: 'what messages look like; plain = as deploy-notifier wrote them',
  }),
  linkTemplates: setting.parsed(linkList, {
    variable: 'LINK_TEMPLATES',
    default: [],
    about: 'links on every card: name=URL with {cluster} {namespace} {deployment} {revision} {sha}',
  }),
  linkHostsAllowed: setting.list({
    variable: 'LINK_HOSTS_ALLOWED',
    optional: true,
    about: 'the hosts that links may lead to; any if not set',
  }),
  teamMentions: setting.parsed(mentionList, {
    variable: 'TEAM_MENTIONS',
    default: new Map(),
    about: 'whom a bad word pings: team=S… or team=U…, separated by commas',
  }),
  cardRetentionMs: setting.duration({
    variable: 'CARD_RETENTION',
    default: 30 * day,
    about: 'how long finished cards are remembered',
  }),
  httpProxy: setting.url({
    variable: ['http_proxy', 'HTTP_PROXY'],
    optional: true,
    about: 'the proxy on the way to Slack',
  }),
  httpsProxy: setting.url({
    variable: ['https_proxy', 'HTTPS_PROXY'],
    optional: true,
    about: 'the proxy for https, if it is another one',
  }),
  noProxy: setting.string({
    variable: ['no_proxy', 'NO_PROXY'],
    optional: true,
    about: 'the hosts that are reached without it',
  }),
}

/** Rules over several settings. */
export function checkNotifierConfig(config: Omit<NotifierConfig, 'slackToken'>): readonly SettingProblem[] {
  const problems = [...checkNatsConfig(config)]
  const shortest = streams.rollouts.maxAgeMs + day
  if (config.cardRetentionMs < shortest)
    problems.push({
      name: 'CARD_RETENTION',
      problem: 'is shorter than transitions are kept, so a forgotten card could be posted again',
      remedy: `give at least ${shortest / day}d`,
    })
  return problems
}
