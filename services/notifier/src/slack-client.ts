// Owns all talk with Slack.
// W1. One call is one request: nothing is retried, queued or paced here.
// W2. The token is asked for at each request, so a rotated one is used at once; it stands in a header only.
// W3. Every call ends within its timeout, and every end is judged, never thrown.
import type { MessageMetadata } from '@slack/types'
import { LogLevel, WebAPIPlatformError, WebClient } from '@slack/web-api'
import { createLeanFetch, type LeanFetch, type ProxySettings } from './lean-fetch.ts'
import type { Message } from './notification/message.ts'
import { type CallEnd, judge, type Verdict } from './notification/slack-verdict.ts'

export interface SlackClientOptions {
  readonly apiUrl: string
  readonly token: () => string
  readonly proxy: ProxySettings
  readonly timeoutMs: number
}

export type Failure = Exclude<Verdict, { kind: 'delivered' }>
export type Answer<T> = ({ readonly kind: 'delivered' } & T) | Failure

export interface NewPost {
  /** Id or name. */
  readonly channel: string
  readonly message: Message
  /** Goes into the metadata, where `find` looks for it. */
  readonly key: string
  /** The word that it tells, if any, for whoever finds it. */
  readonly word?: number
  /** ts of the message that this is a broadcast reply to. */
  readonly parent?: string | undefined
}

export interface Whereabouts {
  readonly channel: string
  readonly keys: readonly string[]
  /** ts of the message in whose thread they are. */
  readonly parent?: string | undefined
  /** Unix ms: none can be older or newer than these. */
  readonly notBefore: number
  readonly notAfter: number
}

export interface FoundMessage {
  readonly ts: string
  /** The word that it told when it was posted. */
  readonly word?: number
}

export interface Found {
  /** By key. */
  readonly messages: ReadonlyMap<string, FoundMessage>
  /** There was too much to look through. */
  readonly gaveUp?: true
}

export interface SlackClient extends AsyncDisposable {
  post(post: NewPost): Promise<Answer<{ channel: string; ts: string }>>
  edit(channel: string, ts: string, message: Message): Promise<Answer<object>>
  /** The messages of ours with these keys. */
  find(where: Whereabouts): Promise<Answer<Found>>
  /** Id by name of every channel that the token can see; private ones need a scope of their own. */
  listChannels(types: 'public' | 'all'): Promise<Answer<{ ids: ReadonlyMap<string, string> }>>
  /** Where this workspace's pages are: `https://team.slack.com/`. */
  identify(): Promise<Answer<{ url: string }>>
}

const eventType = 'hermod_card'
/** A search goes through so many pages of so many messages: what a busy channel says in half an hour. */
const mostPages = 20
const pageSize = 999

/** What a doctor wants to know of a token. */
export interface SlackInspector extends AsyncDisposable {
  whoami(): Promise<Answer<{ team: string; scopes: readonly string[] }>>
  /** By id. */
  lookAt(channel: string): Promise<Answer<{ isMember: boolean; isArchived: boolean }>>
  /** Whether messages of ours could be found again there. */
  readBack(channel: string): Promise<Answer<object>>
  listChannels: SlackClient['listChannels']
}

export function createSlackInspector(options: SlackClientOptions): SlackInspector {
  const { web, wire } = connectWeb(options)
  return {
    whoami: async () =>
      await ending(async () => {
        const { team = '', response_metadata } = await web.auth.test()
        return { team, scopes: response_metadata?.scopes ?? [] }
      }),
    lookAt: async (id) =>
      await ending(async () => {
        const { channel } = await web.conversations.info({ channel: id })
        return { isMember: channel?.is_member === true, isArchived: channel?.is_archived === true }
      }),
    readBack: async (channel) =>
      await ending(async () => await web.conversations.history({ channel, limit: 1 })),
    listChannels: async (types) => await ending(async () => ({ ids: await listChannels(web, types) })),
    [Symbol.asyncDispose]: async () => wire[Symbol.dispose](),
  }
}

function connectWeb(options: SlackClientOptions): { web: WebClient; wire: LeanFetch } {
  const wire = createLeanFetch(options.proxy)
  const web = new WebClient(undefined, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: options.timeoutMs,
    maxRequestConcurrency: 1_000,
    allowAbsoluteUrls: false,
    logger: silent,
    async fetch(url, { method = 'POST', headers, body, signal } = {}) {
      const answer = await wire.send(url, {
        method,
        headers: { ...headers, authorization: `Bearer ${options.token()}` },
        body: typeof body === 'string' ? body : '',
        signal,
      })
      if (answer.status === 200) return answer
      throw new NotFromSlack(answer.status, answer.headers.get('retry-after'))
    },
  })
  return { web, wire }
}

export function createSlackClient(options: SlackClientOptions): SlackClient {
  const { web, wire } = connectWeb(options)
  const { postMessage } = web.chat
  return {
    post: async ({ channel, message, key, word, parent }) =>
      await ending(async () => {
        const content = {
          channel,
          ...contentOf(message),
          metadata: { event_type: eventType, event_payload: { key, ...(word && { word }) } },
          unfurl_links: false,
          unfurl_media: false,
        }
        const thread = parent === undefined ? {} : { thread_ts: parent, reply_broadcast: true }
        const sent = await postMessage({ ...content, ...thread })
        if (sent.ts === undefined) throw new Error('an answer without a ts')
        return { channel: sent.channel ?? channel, ts: sent.ts }
      }),
    edit: async (channel, ts, message) =>
      await ending(async () => {
        await web.chat.update({ channel, ts, ...contentOf(message) })
        return {}
      }),
    find: async (where) => await ending(async () => await find(web, where)),
    listChannels: async (types) => await ending(async () => ({ ids: await listChannels(web, types) })),
    identify: async () => await ending(async () => ({ url: (await web.auth.test()).url ?? '' })),
    [Symbol.asyncDispose]: async () => wire[Symbol.dispose](),
  }
}

/** What a web server said that is not Slack's Web API, or not able to be it. */
class NotFromSlack extends Error {
  override name = 'NotFromSlack'
  readonly end: CallEnd

  constructor(status: number, retryAfter: string | null) {
    super(`HTTP ${status}`)
    const seconds = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined
    this.end = { kind: 'http', status, retryAfterSeconds: seconds }
  }
}

async function ending<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'delivered', ...(await call()) }
  } catch (error) {
    const verdict = judge(endOf(error))
    if (verdict.kind === 'delivered') throw error
    return verdict
  }
}

function endOf(error: unknown): CallEnd {
  if (error instanceof WebAPIPlatformError) return { kind: 'reply', ok: false, error: error.data.error }
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof NotFromSlack) return cause.end
    if (cause.name === 'TimeoutError') return { kind: 'network', code: 'no answer in time' }
    if ('code' in cause && typeof cause.code === 'string' && !cause.code.startsWith('slack_webapi'))
      return { kind: 'network', code: cause.code }
  }
  return { kind: 'network', code: undefined }
}

// `parse: none` keeps Slack from linking what only looks like a channel or a URL; an edit must say it again.
function contentOf({ text, attachments }: Message) {
  return { text, attachments: [...attachments], parse: 'none' as const }
}

async function find(
  web: WebClient,
  { channel, keys, parent, notBefore, notAfter }: Whereabouts,
): Promise<Found> {
  const found = new Map<string, FoundMessage>()
  const missing = new Set<unknown>(keys)
  let cursor: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const query = {
      channel,
      // Both ends: without one Slack may begin with years of other messages.
      oldest: (notBefore / 1000).toFixed(6),
      latest: (notAfter / 1000).toFixed(6),
      include_all_metadata: true,
      limit: pageSize,
      ...(cursor !== undefined && { cursor }),
    }
    const { messages, response_metadata } =
      parent === undefined
        ? await web.conversations.history(query)
        : await web.conversations.replies({ ...query, ts: parent })
    for (const message of messages ?? []) {
      const { key, word } = payloadOf(message) ?? {}
      if (typeof key !== 'string' || message.ts === undefined || !missing.delete(key)) continue
      found.set(key, { ts: message.ts, ...(typeof word === 'number' && { word }) })
    }
    cursor = response_metadata?.next_cursor
    if (!cursor || missing.size === 0) return { messages: found }
  }
  return { messages: found, gaveUp: true }
}

function payloadOf(message: object): MessageMetadata['event_payload'] | undefined {
  if (!('metadata' in message)) return undefined
  const { event_type, event_payload } = message.metadata as Partial<MessageMetadata>
  return event_type === eventType ? event_payload : undefined
}

async function listChannels(web: WebClient, types: 'public' | 'all'): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  let cursor: string | undefined
  do {
    const { channels, response_metadata } = await web.conversations.list({
      types: types === 'all' ? 'public_channel,private_channel' : 'public_channel',
      exclude_archived: true,
      limit: 1000,
      ...(cursor !== undefined && { cursor }),
    })
    for (const { name, id } of channels ?? []) if (name !== undefined && id !== undefined) ids.set(name, id)
    cursor = response_metadata?.next_cursor
  } while (cursor)
  return ids
}

const ignore = (): void => undefined
const silent = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  setLevel: ignore,
  getLevel: () => LogLevel.ERROR,
  setName: ignore,
}
