/** What people read in Slack, by the words of the first line alone. */

/** A message with every state that it had. */
export interface LoggedMessage {
  readonly channel: string
  readonly ts: string
  readonly threadTs?: string | undefined
  readonly deletedAt?: number | undefined
  readonly metadata?: unknown
  readonly versions: readonly { readonly at: number; readonly text?: string | undefined }[]
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

export interface SeenDigest {
  readonly channel: string
  readonly text: string
}

export interface SlackLog {
  readonly cards: readonly SeenCard[]
  /** Messages that belong to no single rollout. */
  readonly others: readonly SeenDigest[]
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
  const others: SeenDigest[] = []
  for (const message of messages) {
    if (message.threadTs !== undefined || message.deletedAt !== undefined) continue
    const { channel, ts } = message
    const rollout = rolloutOf(message)
    if (rollout === undefined) {
      others.push({ channel, text: message.versions.at(-1)?.text ?? '' })
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
  return { cards, others }
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
