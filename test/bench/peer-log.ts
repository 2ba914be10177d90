/**
 * What people read of a program whose messages are unknown beforehand, as far as plain words tell: a message speaks of
 * the newest rollout of the Deployment that it names, or of the one whose tag it names.
 */
import type { Attempt } from '../oracle/api-history.ts'
import type { CardState, Mention, SeenCard, SlackLog, Word } from '../oracle/slack-log.ts'

export interface PeerMessage {
  readonly channel: string
  readonly deletedAt?: number | undefined
  readonly versions: readonly {
    readonly at: number
    readonly text?: string | undefined
    readonly blocks?: unknown
    readonly attachments?: unknown
  }[]
}

const words: readonly (readonly [RegExp, Word])[] = [
  [/\bfail|\berror|\bstuck|\bcrash|backoff|\bexceeded|\bunhealthy|\bdegraded/i, 'failed'],
  [/\bsucceed|\bsuccess|\blive\b|\bcomplete|\bdeployed\b|\bhealthy|\bfinished|\brolled out/i, 'live'],
]

const notInWords = /[^\w.-]+|\.(?!\w)/

/** Whoever is told by the API server a moment before us is not wrong. */
const clockMs = 50

/** Several messages of one rollout are one card as long as each has another word; a word said again is a second card. */
export function readPeerLog(messages: readonly PeerMessage[], attempts: readonly Attempt[]): SlackLog {
  const byName = Map.groupBy(attempts, ({ name }) => name)
  const states = messages
    .filter(({ deletedAt }) => deletedAt === undefined)
    .flatMap(({ channel, versions }) => versions.map((version) => ({ channel, ...stateOf(version) })))
    .toSorted((a, b) => a.atMs - b.atMs)
  const cards: (SeenCard & { readonly states: CardState[] })[] = []
  const mentions: Mention[] = []
  for (const { channel, ...state } of states) {
    const attempt = attemptOf(state, byName)
    if (attempt === undefined) {
      mentions.push(state)
      continue
    }
    const { uid, fromGeneration: generation } = attempt
    const card = cards.find(
      (each) =>
        each.uid === uid &&
        each.generation === generation &&
        each.channel === channel &&
        !each.states.some(({ word }) => word === state.word),
    )
    if (card) card.states.push(state)
    else cards.push({ channel, uid, generation, states: [state], replies: [] })
  }
  return { cards, mentions }
}

function stateOf({ at, text, blocks, attachments }: PeerMessage['versions'][number]): CardState {
  const said = JSON.stringify([text, blocks, attachments])
  return {
    atMs: at,
    word: words.find(([pattern]) => pattern.test(said))?.[1] ?? 'rolling out',
    text: said,
  }
}

function attemptOf(
  { text, atMs }: CardState,
  byName: ReadonlyMap<string, readonly Attempt[]>,
): Attempt | undefined {
  const named = text.split(notInWords).flatMap((word) => byName.get(word) ?? [])
  const tagged = named.find(({ tag }) => text.split(notInWords).includes(tag))
  return tagged ?? named.findLast(({ beganMs }) => beganMs <= atMs + clockMs)
}
