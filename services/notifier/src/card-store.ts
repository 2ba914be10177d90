// Owns the bucket `cards` as cards: what each must say and what Slack has of it.
// S1. A change is a pure function of the card; it is applied again to the newer card when somebody else was first.
// S2. Within this process, all that happens to one card happens one after another. The answer to each write is
//     kept, so the next change needs no read; an outdated entry costs a failed write, never a lost change.
// S3. An open mark stands from before a transition is acknowledged until after Slack has it all. It is known to stand
//     when it was read or written in this term: one that was removed lately is still listed, and taken for one that
//     stands it would leave the next card without any.
// S4. What was learnt over an older link to NATS is not believed: NATS may have lost it since.
import type { Bucket, Entry, JetStreamConnection } from '@hermod/jetstream'
import { allOpen, cardOfOpenKey, openKey } from './card-keys.ts'
import type { Card } from './notification/card.ts'

/** The card to store, or the same one to leave it; undefined if there is none to store. */
export type CardChange = (card: Card | undefined) => Card | undefined

export interface CardStore {
  load(key: string): Promise<Card | undefined>
  /** The card as it is stored afterwards. `guess` saves a read where there is hardly a card yet. */
  change(key: string, change: CardChange, guess?: 'absent'): Promise<Card | undefined>
  /** Marks the card open in these channels. */
  markOpen(key: string, channels: readonly string[]): Promise<void>
  /** Takes the mark away unless the stored card says that there is more to do. */
  clearOpen(key: string, channel: string, isSettled: (card: Card) => boolean): Promise<void>
  /** The cards that are open anywhere. */
  openCards(): Promise<readonly string[]>
  /** The keys of cards that match a NATS wildcard. */
  keys(filter: string): Promise<readonly string[]>
  /** Removes the card if the stored one may go; true if it is gone. */
  forget(key: string, mayGo: (card: Card) => boolean): Promise<boolean>
}

/** How many entries are kept; one is a few KiB. */
const mostKept = 2_000
const readAtOnce = 16

export interface CardStoreOptions {
  readonly cards: Bucket<Card>
  readonly marks: Bucket<unknown>
  readonly connection: Pick<JetStreamConnection, 'link'>
  /** Ends every wait for NATS. */
  readonly signal: AbortSignal
  /** From its end on another holder may count on the marks that stand. */
  readonly termSignal: AbortSignal
  /** Told of each revision that the bucket has. */
  readonly saw?: (kvRevision: number) => void
}

export function createCardStore(options: CardStoreOptions): CardStore {
  const { cards, marks, connection, signal, termSignal, saw = () => undefined } = options
  const kept = new Map<string, Entry<Card>>()
  const tails = new Map<string, Promise<unknown>>()
  const open = new Set<string>()
  let { link } = connection

  const keep = (key: string, entry: Entry<Card>): void => {
    saw(entry.kvRevision)
    kept.delete(key)
    kept.set(key, entry)
    if (kept.size <= mostKept) return
    const [oldest] = kept.keys()
    if (oldest !== undefined) kept.delete(oldest)
  }

  const forgetOlderLinks = (): void => {
    if (link === connection.link) return
    link = connection.link
    kept.clear()
    open.clear()
  }

  const read = async (key: string): Promise<Entry<Card> | undefined> => {
    const entry = kept.get(key) ?? (await cards.load(key, signal))
    if (entry) keep(key, entry)
    return entry
  }

  const changeAlone = async (
    key: string,
    change: CardChange,
    guess?: 'absent',
  ): Promise<Card | undefined> => {
    for (let tries = 0; ; tries++) {
      const entry = guess && tries === 0 ? kept.get(key) : await read(key)
      const next = change(entry?.value)
      if (next === undefined || next === entry?.value) return next
      const kvRevision = await cards.save(key, next, entry?.kvRevision, signal)
      if (kvRevision !== undefined) {
        keep(key, { value: next, kvRevision })
        return next
      }
      kept.delete(key)
    }
  }

  const inTurn = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(key)
    const begin = (): Promise<T> => {
      forgetOlderLinks()
      return work()
    }
    const turn = before ? before.then(begin, begin) : begin()
    tails.set(key, turn)
    try {
      return await turn
    } finally {
      if (tails.get(key) === turn) tails.delete(key)
    }
  }

  return {
    load: async (key) => (await inTurn(key, async () => await read(key)))?.value,
    change: async (key, change, guess) =>
      await inTurn(key, async () => await changeAlone(key, change, guess)),
    markOpen: async (key, channels) =>
      await inTurn(key, async () => {
        const missing = channels.map((channel) => openKey(channel, key)).filter((mark) => !open.has(mark))
        await Promise.all(
          missing.map(async (mark) => {
            saw((await marks.save(mark, { version: 1 }, undefined, signal)) ?? 0)
            open.add(mark)
          }),
        )
      }),
    clearOpen: async (key, channel, isSettled) =>
      await inTurn(key, async () => {
        const entry = await read(key)
        if (termSignal.aborted || (entry && !isSettled(entry.value))) return
        const mark = openKey(channel, key)
        open.delete(mark)
        await marks.remove(mark, undefined, termSignal)
      }),
    async openCards() {
      const listed = (await marks.keys(allOpen, signal)).values()
      const check = async (mark: string): Promise<void> => {
        if (await marks.load(mark, signal)) open.add(mark)
      }
      const checkNext = async (): Promise<void> => {
        for (const mark of listed) await inTurn(cardOfOpenKey(mark), async () => await check(mark))
      }
      await Promise.all(Array.from({ length: readAtOnce }, checkNext))
      return [...new Set([...open].map(cardOfOpenKey))]
    },
    keys: async (filter) => await cards.keys(filter, signal),
    forget: async (key, mayGo) =>
      await inTurn(key, async () => {
        const entry = await cards.load(key, signal)
        if (!entry || !mayGo(entry.value)) return false
        const isGone = await cards.remove(key, entry.kvRevision, signal)
        if (isGone) kept.delete(key)
        return isGone
      }),
  }
}
