// Owns an operator's way to the cards that their channel does not take.
// R1. A request is a key of its own in the bucket `cards`. Whoever holds the lease removes it once it was heard: that
//     is the answer.
// R2. A request that nobody heard is no loss: a new term tries everything at its start.
import { setTimeout as delay } from 'node:timers/promises'
import { buckets } from '@hermod/contracts'
import {
  type Bucket,
  type JetStreamConnection,
  MalformedEntry,
  NewerVersion,
  openBucket,
} from '@hermod/jetstream'
import type { Logger } from '@hermod/runtime'
import { allOpen, allRetries, cardOfOpenKey, channelOfRetryKey, retryKey } from './card-keys.ts'
import type { Card } from './notification/card.ts'
import { parseCard } from './notification/parse-card.ts'

export interface ParkedCard {
  readonly card: string
  /** As the route names it. */
  readonly channel: string
  /** namespace/name of a rollout in it. */
  readonly example: string
  readonly reason: string
  /** RFC 3339. */
  readonly since: string
}

/** What an operator may see and ask. */
export interface ParkedCards {
  /** All that is parked, the longest first. A card that cannot be read is told to `leaveOut`, thrown without it. */
  list(leaveOut?: (error: Error) => void): Promise<readonly ParkedCard[]>
  /** Asks for another try in this channel, '' = everywhere; false = no notifier heard it within `waitMs`. */
  retry(channel: string, waitMs?: number): Promise<boolean>
}

/** For a NATS user that may read the bucket `cards` and write its keys `retry.*`. */
export function openParkedCards(connection: JetStreamConnection): ParkedCards {
  const bucket = buckets.cards.name
  const cards = openBucket({ connection, bucket, parse: parseCard })
  const requests = openBucket<unknown>({ connection, bucket, parse: (value) => ({ kind: 'ok', value }) })
  return {
    async list(leaveOut) {
      const keys = new Set((await cards.keys(allOpen)).map(cardOfOpenKey))
      const parked: ParkedCard[] = []
      for (const card of keys) {
        const stored = await readCard(cards, card, leaveOut)
        for (const [channel, place] of Object.entries(stored?.places ?? {}))
          if (stored && place.parked)
            parked.push({ card, channel, example: exampleOf(stored), ...place.parked })
      }
      return parked.toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since))
    },
    async retry(channel, waitMs = 5_000) {
      const key = retryKey(channel)
      await requests.save(key, { version: 1 }, undefined)
      for (const end = performance.now() + waitMs; performance.now() < end; await delay(50))
        if ((await requests.load(key)) === undefined) return true
      return false
    },
  }
}

async function readCard(
  cards: Bucket<Card>,
  key: string,
  leaveOut?: (error: Error) => void,
): Promise<Card | undefined> {
  try {
    return (await cards.load(key))?.value
  } catch (error) {
    if (!leaveOut || !(error instanceof NewerVersion || error instanceof MalformedEntry)) throw error
    leaveOut(error)
    return undefined
  }
}

/** Hands each request over, '' for every channel, until it is disposed of. */
export function hearRetryRequests(
  requests: Bucket<unknown>,
  retry: (channel: string) => void,
  log: Logger,
  signal: AbortSignal,
): Disposable {
  const heard = (key: string): void => {
    const channel = channelOfRetryKey(key)
    log.info({ channel: channel || 'all' }, 'somebody asks for another try of what is parked')
    retry(channel)
    requests.remove(key, undefined, signal).catch(() => undefined)
  }
  const hearing = requests.onWritten(allRetries, heard)
  takeOld(requests, heard, signal).catch(() => undefined)
  return hearing
}

// Written while nobody listened. Of a removed key the name may still be listed.
async function takeOld(
  requests: Bucket<unknown>,
  heard: (key: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const key of await requests.keys(allRetries, signal))
    if ((await requests.load(key, signal)) !== undefined) heard(key)
}

/** Whom to name for a card. */
export function exampleOf({ story }: Card): string {
  if (story.kind === 'notice') return story.example
  const shown = story.kind === 'rollout' ? story.shown : story.items[0]?.transition
  return shown ? `${shown.rollout.namespace}/${shown.rollout.name}` : ''
}
