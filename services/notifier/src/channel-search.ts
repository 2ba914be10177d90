// Owns the looking for messages of ours in one channel.
// Q1. One look at a time, for all who ask within a moment or while another is under way: after a loss hundreds of cards
//     are sought, and Slack allows some fifty looks a minute.
import type { Answer, FoundMessage, SlackClient, Whereabouts } from './slack-client.ts'
import type { Time } from './time.ts'

export type SoughtMessage = Omit<Whereabouts, 'channel' | 'keys'> & { readonly key: string }

/** Without a message there is none, unless there was too much to look through. */
export type Seen = Answer<{ readonly message?: FoundMessage; readonly gaveUp?: true }>

export interface ChannelSearchOptions {
  readonly channel: string
  readonly slack: Pick<SlackClient, 'find'>
  readonly time: Time
  /** When it is aborted, whoever still waits is told so by a rejection. */
  readonly signal: AbortSignal
}

interface Question {
  readonly sought: SoughtMessage
  readonly answer: (seen: Promise<Seen>) => void
}

const momentMs = 250

export class ChannelSearch {
  readonly #options: ChannelSearchOptions
  #questions: readonly Question[] = []
  #isLooking = false

  constructor(options: ChannelSearchOptions) {
    this.#options = options
  }

  async find(sought: SoughtMessage): Promise<Seen> {
    const { promise, resolve } = Promise.withResolvers<Seen>()
    this.#questions = [...this.#questions, { sought, answer: resolve }]
    if (!this.#isLooking) void this.#lookForAll()
    return await promise
  }

  async #lookForAll(): Promise<void> {
    const { time, signal } = this.#options
    this.#isLooking = true
    while (this.#questions.length > 0) {
      const moment = time.sleep(momentMs, signal)
      await moment.catch(() => undefined)
      const parent = this.#questions[0]?.sought.parent
      const together = this.#questions.filter(({ sought }) => sought.parent === parent)
      this.#questions = this.#questions.filter(({ sought }) => sought.parent !== parent)
      const look = moment.then(async () => await this.#look(parent, together))
      for (const { sought, answer } of together) answer(look.then((found) => seenOf(found, sought)))
      await look.catch(() => undefined)
    }
    this.#isLooking = false
  }

  async #look(parent: string | undefined, together: readonly Question[]): ReturnType<SlackClient['find']> {
    const { channel, slack } = this.#options
    const all = together.map(({ sought }) => sought)
    return await slack.find({
      channel,
      keys: all.map(({ key }) => key),
      parent,
      notBefore: Math.min(...all.map(({ notBefore }) => notBefore)),
      notAfter: Math.max(...all.map(({ notAfter }) => notAfter)),
    })
  }
}

function seenOf(found: Awaited<ReturnType<SlackClient['find']>>, { key }: SoughtMessage): Seen {
  if (found.kind !== 'delivered') return found
  const message = found.messages.get(key)
  return { kind: 'delivered', ...(message ? { message } : found.gaveUp && { gaveUp: true }) }
}
