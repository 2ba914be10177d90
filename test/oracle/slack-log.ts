/** What people read in Slack, by the words of the first line alone. */

/** A message with every state that it had. */
export interface LoggedMessage {
  readonly channel: string
  readonly ts: string
  readonly threadTs?: string | undefined
  readonly deletedAt?: number | undefined
  readonly metadata?: unknown
  readonly versions: readonly {
    readonly at: number
    readonly text?: string | undefined
    readonly attachments?: unknown
  }[]
}

export type Word =
  | 'rolling out'
  | 'paused'
  | 'stuck'
  | 'failed'
  | 'live'
  | 'live after all'
  | 'overtaken'
  | 'deleted'
  | 'no longer watched'
  | 'other'

const words: readonly (readonly [RegExp, Word])[] = [
  [/ is live after all\b/, 'live after all'],
  [/ is live\b| has restarted\b| is rolled back to /, 'live'],
  [/ failed(?: ·|$)/, 'failed'],
  [/ is stuck\b/, 'stuck'],
  [/ is paused at /, 'paused'],
  [/ was overtaken by /, 'overtaken'],
  [/ was deleted\b/, 'deleted'],
  [/ is no longer watched\b/, 'no longer watched'],
  [
    / is rolling out\b| goes on rolling out\b| is rolling back\b| is restarting\b| is new and starts up\b/,
    'rolling out',
  ],
]

export interface CardState {
  readonly atMs: number
  readonly word: Word
  readonly text: string
}

/** The one message of a rollout, and its replies. */
export interface SeenCard {
  readonly channel: string
  readonly uid: string
  readonly generation: number
  readonly states: readonly CardState[]
  readonly replies: readonly CardState[]
}

/** What a message about several rollouts says of one of them. */
export interface Mention {
  readonly word: Word
  readonly text: string
}

export interface SlackLog {
  readonly cards: readonly SeenCard[]
  /** From messages that belong to no single rollout. */
  readonly mentions: readonly Mention[]
}

/** Sorts what a workspace holds into cards; every time is given relative to `beginningMs`. */
export function readSlackLog(messages: readonly LoggedMessage[], beginningMs: number): SlackLog {
  const states = ({ versions }: LoggedMessage): readonly CardState[] =>
    versions.map(({ at, text = '' }) => ({ atMs: at - beginningMs, word: wordOf(text), text }))
  const replies = Map.groupBy(
    messages.filter(({ threadTs }) => threadTs !== undefined),
    ({ channel, threadTs }) => `${channel} ${threadTs}`,
  )
  const cards: SeenCard[] = []
  const mentions: Mention[] = []
  for (const message of messages) {
    if (message.threadTs !== undefined || message.deletedAt !== undefined) continue
    const { channel, ts } = message
    const rollout = rolloutOf(message)
    if (rollout === undefined) {
      mentions.push(...mentionsIn(message))
      continue
    }
    const thread = replies.get(`${channel} ${ts}`) ?? []
    cards.push({
      channel,
      ...rollout,
      states: states(message),
      replies: thread.flatMap((reply) => states(reply).slice(-1)),
    })
  }
  return { cards, mentions }
}

/** Whether the mention is about this version of this Deployment. */
export function isAbout(
  { text }: Mention,
  { name, tag }: { readonly name: string; readonly tag: string },
): boolean {
  const spoken = text.split(/[\s/*:]+/)
  return spoken.includes(name) && spoken.includes(tag)
}

const signs: readonly (readonly [RegExp, Word])[] = [
  [/^✓/, 'live'],
  [/^✗.* still stuck/, 'stuck'],
  [/^✗/, 'failed'],
  [/^…/, 'rolling out'],
]

// A line for each that is bad, then all others in one.
function mentionsIn({ versions }: LoggedMessage): readonly Mention[] {
  const { attachments = [] } = (versions.at(-1) ?? {}) as { attachments?: readonly Attachment[] }
  const lines = attachments
    .flatMap(({ blocks = [] }) => blocks.flatMap(({ text }) => text?.text?.split('\n') ?? []))
    .flatMap((line) => line.split(/ · (?=[✓…])/))
  return lines.flatMap((text) => {
    const [, word] = signs.find(([sign]) => sign.test(text)) ?? []
    return word === undefined ? [] : [{ word, text }]
  })
}

interface Attachment {
  readonly blocks?: readonly { readonly text?: { readonly text?: string } }[]
}

function wordOf(text: string): Word {
  return words.find(([pattern]) => pattern.test(text.replaceAll('*', '')))?.[1] ?? 'other'
}

// The key that every message of ours carries for whoever looks for it: `card.….<uid>.<attempt>#…`.
function rolloutOf({
  metadata,
}: LoggedMessage): { readonly uid: string; readonly generation: number } | undefined {
  const payload = (metadata as { event_payload?: { key?: unknown } } | undefined)?.event_payload
  const [, uid, generation] = /^card\..*\.([^.]+)\.(\d+)#card/.exec(String(payload?.key)) ?? []
  return uid === undefined ? undefined : { uid, generation: Number(generation) }
}
