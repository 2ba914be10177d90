// Owns the looking for messages of ours in one channel.
// Q1. One look at a time, for all who ask within a moment or while another is under way: after a loss hundreds of cards
//     are sought, and Slack allows some fifty looks a minute.
// Q2. Where so much was said since the oldest of them that the look gave up, each is looked for alone.
import type { Answer, Found, FoundMessage, SlackClient, Whereabouts } from './slack-client.ts'
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
  readonly isAlone?: true
  readonly answer: (seen: Seen | Promise<never>) => void
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
      const together = this.#takeTogether()
      try {
        await moment
        this.#tell(together, await this.#look(together))
      } catch (error) {
        for (const { answer } of together) answer(Promise.reject(error))
      }
    }
    this.#isLooking = false
  }

  /** The first question, and those that one look answers with it. */
  #takeTogether(): readonly Question[] {
    const [first, ...others] = this.#questions
    if (first === undefined) return []
    const isLike = ({ sought, isAlone }: Question): boolean =>
      !first.isAlone && !isAlone && sought.parent === first.sought.parent
    this.#questions = others.filter((question) => !isLike(question))
    return [first, ...others.filter(isLike)]
  }

  #tell(together: readonly Question[], found: Answer<Found>): void {
    for (const question of together) {
      const seen = seenOf(found, question.sought)
      const gaveUp = seen.kind === 'delivered' && seen.gaveUp
      if (gaveUp && together.length > 1)
        this.#questions = [...this.#questions, { ...question, isAlone: true }]
      else question.answer(seen)
    }
  }

  async #look(together: readonly Question[]): Promise<Answer<Found>> {
    const { channel, slack } = this.#options
    const all = together.map(({ sought }) => sought)
    return await slack.find({
      channel,
      keys: all.map(({ key }) => key),
      parent: all[0]?.parent,
      notBefore: Math.min(...all.map(({ notBefore }) => notBefore)),
      notAfter: Math.max(...all.map(({ notAfter }) => notAfter)),
    })
  }
}

function seenOf(found: Answer<Found>, { key }: SoughtMessage): Seen {
  if (found.kind !== 'delivered') return found
  const message = found.messages.get(key)
  return { kind: 'delivered', ...(message ? { message } : found.gaveUp && { gaveUp: true }) }
}
