import { isRecord } from './arguments.ts'
import type { MessageContent } from './message-rules.ts'

/** A channel as Slack knows it. Tests change these fields to archive, rename or close a channel. */
export interface SlackChannel {
  readonly id: string
  name: string
  isPrivate: boolean
  isArchived: boolean
  /** Whether the bot was invited. */
  isMember: boolean
  /** Slack's code for every post: `restricted_action_read_only_channel`, `no_permission`, … */
  refusesWith?: string
}

export type ChannelOptions = Partial<Omit<SlackChannel, 'name'>> & { name: string }

/** A message in its present state, with all the states it had. */
export interface SlackMessage extends MessageContent {
  /** Channel id. */
  readonly channel: string
  readonly ts: string
  /** The parent's ts, on a reply. */
  readonly threadTs?: string
  readonly author: 'bot' | 'someone else'
  /** A reply that is shown in the channel too. */
  broadcast: boolean
  /** Slack's mark "(edited)"; edits with blocks leave none. */
  edited?: { user: string; ts: string }
  /** Unix ms. */
  deletedAt?: number
  /** Unix ms from which history and replies show it. */
  readonly visibleFrom: number
  /** What it said, oldest first; the last one is the present. Times are Unix ms. */
  readonly versions: readonly (MessageContent & { readonly at: number })[]
}

export interface NewMessage {
  channel: SlackChannel
  content: MessageContent
  threadTs?: string | undefined
  broadcast?: boolean
  author?: SlackMessage['author']
  /** How long history and replies do not show it yet. */
  historyLagMs?: number
}

/** Everything a workspace holds. `from` and `dump` let it outlive a process. */
export interface WorkspaceDump {
  channels: SlackChannel[]
  messages: SlackMessage[]
}

export const bot: Readonly<Record<'user' | 'id' | 'app' | 'team', string>> = {
  user: 'U0HERMOD',
  id: 'B0HERMOD',
  app: 'A0HERMOD',
  team: 'T0HERMOD',
}

/** Channels and messages. It knows no limits: whoever calls has checked them. */
export class Workspace {
  readonly channels: SlackChannel[] = []
  readonly #messages = new Map<string, Map<string, SlackMessage>>()
  /** The ts of each reply, by channel and parent: channels grow long in benchmarks. */
  readonly #threads = new Map<string, string[]>()
  readonly #now: () => number
  #lastMicros = 0

  constructor(now: () => number) {
    this.#now = now
  }

  addChannel({ name, ...given }: ChannelOptions): SlackChannel {
    const id = given.id ?? `C${String(this.channels.length + 1).padStart(9, '0')}`
    const channel = { id, name, isPrivate: false, isArchived: false, isMember: true, ...given }
    this.channels.push(channel)
    this.#messages.set(id, new Map())
    return channel
  }

  byId(id: string | undefined): SlackChannel | undefined {
    return this.channels.find((channel) => channel.id === id)
  }

  /** By id, `name` or `#name`, as chat.postMessage takes it. */
  byIdOrName(text: string | undefined): SlackChannel | undefined {
    const name = text?.replace(/^#/, '')
    return this.byId(text) ?? this.channels.find((channel) => channel.name === name)
  }

  /** Of a channel id, oldest first, deleted ones included. */
  messages(channel: string): SlackMessage[] {
    return [...(this.#messages.get(channel)?.values() ?? [])]
  }

  /** To a parent, oldest first, without deleted ones. */
  replies({ channel, ts }: Pick<SlackMessage, 'channel' | 'ts'>): SlackMessage[] {
    const thread = this.#threads.get(`${channel} ${ts}`) ?? []
    return thread.map((reply) => this.message(channel, reply)).filter((reply) => reply !== undefined)
  }

  /** A message that is still there. */
  message(channel: string, ts: string | undefined): SlackMessage | undefined {
    const found = this.#messages.get(channel)?.get(ts ?? '')
    return found?.deletedAt === undefined ? found : undefined
  }

  post({
    channel,
    content,
    threadTs,
    broadcast = false,
    author = 'bot',
    historyLagMs = 0,
  }: NewMessage): SlackMessage {
    const at = this.#now()
    const kept = withoutEmptyMetadata(content)
    const message: SlackMessage = {
      channel: channel.id,
      ts: this.#nextTs(at),
      ...(threadTs !== undefined && { threadTs }),
      author,
      broadcast,
      visibleFrom: at + historyLagMs,
      versions: [{ ...kept, at }],
      ...kept,
    }
    this.#keep(message)
    return message
  }

  /** What is not given stays, except that a text without blocks takes the blocks away. */
  edit(message: SlackMessage, change: MessageContent): SlackMessage {
    const { text, blocks, attachments, metadata } = message
    const before = {
      ...(text !== undefined && { text }),
      ...(blocks && change.text === undefined && { blocks }),
      ...(attachments && { attachments }),
      ...(metadata && { metadata }),
    }
    const at = this.#now()
    const content = withoutEmptyMetadata({ ...before, ...change })
    const {
      text: _text,
      blocks: _blocks,
      attachments: _attachments,
      metadata: _metadata,
      ...identity
    } = message
    const edited = {
      ...identity,
      ...content,
      ...(change.blocks === undefined && { edited: { user: bot.user, ts: this.#nextTs(at) } }),
      versions: [...message.versions, { ...content, at }],
    }
    this.#messages.get(message.channel)?.set(message.ts, edited)
    return edited
  }

  broadcast(message: SlackMessage): SlackMessage {
    message.broadcast = true
    return message
  }

  delete(message: SlackMessage): SlackMessage {
    message.deletedAt = this.#now()
    return message
  }

  dump(): WorkspaceDump {
    return structuredClone({
      channels: this.channels,
      messages: this.channels.flatMap(({ id }) => this.messages(id)),
    })
  }

  restore({ channels, messages }: WorkspaceDump): void {
    for (const channel of channels) this.addChannel(channel)
    for (const message of messages) {
      this.#keep(message)
      this.#lastMicros = Math.max(this.#lastMicros, micros(message.ts))
    }
  }

  #keep(message: SlackMessage): void {
    const { channel, ts, threadTs } = message
    this.#messages.get(channel)?.set(ts, message)
    if (threadTs === undefined) return
    const thread = `${channel} ${threadTs}`
    this.#threads.set(thread, [...(this.#threads.get(thread) ?? []), ts])
  }

  /** Unique and rising, as Slack's are, also when the clock stands still or goes back. */
  #nextTs(at: number): string {
    this.#lastMicros = Math.max(this.#lastMicros + 1, Math.round(at * 1000))
    const fraction = String(this.#lastMicros % 1e6).padStart(6, '0')
    return `${Math.floor(this.#lastMicros / 1e6)}.${fraction}`
  }
}

/** A ts, or a plain number of seconds, in microseconds; NaN if it is neither. */
export function micros(ts: string): number {
  return /^\d+(\.\d+)?$/.test(ts) ? Math.round(Number(ts) * 1e6) : Number.NaN
}

function withoutEmptyMetadata({ metadata, ...content }: MessageContent): MessageContent {
  return isRecord(metadata) && Object.keys(metadata).length > 0 ? { ...content, metadata } : content
}
