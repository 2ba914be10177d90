// Owns the view of a Slack stand-in that the page is given.
import type { FakeSlack, MessageContent, SlackCall, SlackMessage } from '@hermod/testkit'
import type { MessageLook, ShownCall, ShownChannel, ShownMessage } from './preview-state.ts'

export interface SlackListener {
  readonly channel: (channel: ShownChannel) => void
  readonly message: (message: ShownMessage) => void
  readonly call: () => void
}

const shownMessages = 500

export class SlackFeed {
  readonly #slack: FakeSlack

  constructor(slack: FakeSlack) {
    this.#slack = slack
  }

  channels(): ShownChannel[] {
    return this.#slack.channels.map(({ id, name }) => ({ id, name }))
  }

  /** The newest of all channels, oldest first. */
  messages(): ShownMessage[] {
    return this.#all()
      .sort((a, b) => Number(a.ts) - Number(b.ts))
      .slice(-shownMessages)
      .map(shown)
  }

  /** Returns what ends it. */
  listen(listener: SlackListener): () => void {
    let known = this.#slack.channels.length
    const stopMessages = this.#slack.onMessage((message) => {
      for (const { id, name } of this.#slack.channels.slice(known)) listener.channel({ id, name })
      known = this.#slack.channels.length
      listener.message(shown(message))
    })
    const stopCalls = this.#slack.onCall(() => listener.call())
    return () => {
      stopMessages()
      stopCalls()
    }
  }

  /** Its calls and its states; undefined where there is no such message. */
  story(
    channel: string,
    ts: string,
  ): { calls: ShownCall[]; versions: (MessageLook & { at: number })[]; key: string | undefined } | undefined {
    const message = this.#all().find((each) => each.channel === channel && each.ts === ts)
    if (!message) return undefined
    // The first post of a channel that did not exist before asked for it by its name.
    const names = [channel, this.#slack.channel(channel).name]
    const calls = this.#slack.calls.filter(
      (call) => call.changed === ts && names.includes(call.channel?.replace(/^#/, '') ?? ''),
    )
    return {
      calls: calls.map(shownCall),
      versions: message.versions.map((version) => ({ ...look(version), at: version.at })),
      key: metadataKey(message),
    }
  }

  #all(): SlackMessage[] {
    return this.#slack.channels.flatMap(({ id }) => this.#slack.messages(id))
  }
}

/** What the notifier wrote into the message to know it again. */
export function metadataKey({ metadata }: Pick<SlackMessage, 'metadata'>): string | undefined {
  const payload = metadata?.['event_payload']
  const key = typeof payload === 'object' && payload !== null && 'key' in payload ? payload.key : undefined
  return typeof key === 'string' ? key : undefined
}

/** `<uid>.<attempt>` out of the key of a card or of its reply; undefined for other keys. */
export function rolloutOfKey(key: string | undefined): string | undefined {
  return /^card\.(?:[^.#]+\.){4}([^.#]+\.\d+)(?:#|$)/.exec(key ?? '')?.[1]
}

function shown(message: SlackMessage): ShownMessage {
  const { channel, ts, threadTs, broadcast, author, versions, edited, deletedAt } = message
  return {
    channel,
    ts,
    ...(threadTs !== undefined && { threadTs }),
    broadcast,
    author,
    versions: versions.length,
    marked: edited !== undefined,
    deleted: deletedAt !== undefined,
    ...look(message),
  }
}

function look({ text, blocks, attachments }: MessageContent): MessageLook {
  return {
    ...(text !== undefined && { text }),
    ...(blocks && { blocks }),
    ...(attachments && { attachments }),
  }
}

function shownCall({ id, method, args, at, endedAt, outcome, status }: SlackCall): ShownCall {
  return {
    id,
    method,
    args,
    at,
    ...(endedAt !== undefined && { tookMs: Math.round(endedAt - at) }),
    outcome,
    ...(status !== undefined && { status }),
  }
}
