// Owns what the notifier's doctor finds out about Slack; it posts nothing.
import { isChannelId } from '@hermod/contracts'
import type { Finding } from '@hermod/runtime'
import type { NotifierConfig } from './config.ts'
import { readChannel } from './notification/channel-name.ts'
import { createSlackInspector, type Failure, type SlackInspector } from './slack-client.ts'

/** What each scope is for, as its absence shows. */
const scopes: readonly (readonly [scope: string, without: string])[] = [
  ['chat:write', 'nothing can be posted'],
  ['channels:read', 'the names of public channels cannot be looked up: posts go by name, at least once'],
  ['groups:read', 'the names of private channels cannot be looked up: posts go by name, at least once'],
  ['channels:history', 'after a lost answer a message in a public channel may come twice'],
  ['groups:history', 'after a lost answer a message in a private channel may come twice'],
]

/** `more`: names of channels beside those of the settings, separated by commas or blanks. */
export async function* examineSlack(config: NotifierConfig, more: string): AsyncGenerator<Finding> {
  await using slack = createSlackInspector({
    apiUrl: config.slackApiUrl,
    token: () => config.slackToken.reveal(),
    proxy: { http: config.httpProxy, https: config.httpsProxy, no: config.noProxy },
    timeoutMs: config.slackTimeoutMs,
  })
  const who = await slack.whoami()
  if (who.kind !== 'delivered') {
    yield { about: 'Slack', state: 'problem', detail: who.reason, remedy: remedyFor(who) }
    return
  }
  yield { about: 'Slack', state: 'ok', detail: `the token is that of a bot in ${who.team}` }
  const granted = new Set(who.scopes)
  const missing = scopes.filter(([scope]) => !granted.has(scope))
  for (const [scope, without] of missing)
    yield {
      about: `scope ${scope}`,
      state: 'problem',
      detail: `is missing: ${without}`,
      remedy: addScope(scope),
    }
  if (missing.length === 0) yield { about: 'scopes', state: 'ok', detail: who.scopes.join(' ') }
  yield* channelFindings(slack, channelsOf(config, more), granted)
}

function channelsOf(config: NotifierConfig, more: string): readonly string[] {
  const { slackChannel = [], slackFallbackChannel = [], slackChannelsAllowed = [] } = config
  const given = more.split(/[\s,]+/).filter((each) => each !== '')
  return [...new Set([...slackChannel, ...slackFallbackChannel, ...slackChannelsAllowed, ...given])]
}

async function* channelFindings(
  slack: SlackInspector,
  channels: readonly string[],
  granted: ReadonlySet<string>,
): AsyncGenerator<Finding> {
  if (channels.length === 0) {
    const remedy = 'set SLACK_CHANNEL, or annotate namespaces and give their channels by --channels'
    yield { about: 'channels', state: 'unclear', detail: 'none is named here', remedy }
    return
  }
  const listed = await slack.listChannels(granted.has('groups:read') ? 'all' : 'public')
  const ids = listed.kind === 'delivered' ? listed.ids : undefined
  for (const text of channels) yield await channelFinding(slack, text, ids, granted)
}

async function channelFinding(
  slack: SlackInspector,
  text: string,
  ids: ReadonlyMap<string, string> | undefined,
  granted: ReadonlySet<string>,
): Promise<Finding> {
  const read = readChannel(text)
  const about = `channel ${text}`
  if (read.kind === 'refused')
    return { about, state: 'problem', detail: read.problem, remedy: 'name a channel, like "deploys"' }
  const id = isChannelId(read.channel) ? read.channel : ids?.get(read.channel)
  if (id === undefined && ids === undefined)
    return { about, state: 'unclear', detail: 'Slack does not let us look channels up' }
  const invite = `in Slack, write in that channel: /invite @ and the name of the bot`
  const gone = {
    about,
    state: 'problem',
    remedy: `create it, or correct the annotation; if it is private, ${invite}`,
  } as const
  if (id === undefined) return { ...gone, detail: 'is not there, is archived, or is private without the bot' }
  const looked = await slack.lookAt(id)
  if (looked.kind !== 'delivered') return { ...gone, detail: looked.reason }
  if (looked.isArchived)
    return { about, state: 'problem', detail: 'is archived', remedy: 'unarchive it or name another' }
  if (!looked.isMember) {
    const may = granted.has('chat:write.public') ? 'may post there, but not read back' : 'may not post there'
    return { about, state: 'problem', detail: `the bot is no member: it ${may}`, remedy: invite }
  }
  const back = await slack.readBack(id)
  if (back.kind !== 'delivered')
    return { about, state: 'problem', detail: `cannot be read back: ${back.reason}`, remedy: remedyFor(back) }
  return { about, state: 'ok', detail: 'the bot may post and read back there' }
}

function remedyFor({ kind, reason }: Failure): string {
  if (reason === 'missing_scope') return addScope('channels:history and groups:history')
  if (kind === 'token')
    return 'give the bot token of the installed app, which begins with xoxb-, in SLACK_TOKEN'
  if (kind === 'rate-limited') return 'try again in a minute'
  return 'check the way to Slack: SLACK_API_URL, http_proxy, and what may leave this network'
}

function addScope(scope: string): string {
  return `add ${scope} to the app's bot token scopes and install it anew`
}
