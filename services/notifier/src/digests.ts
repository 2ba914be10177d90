// Owns the telling of cards that come in crowds: after our own downtime, and when many are deleted at once.
// M1. A digest is stored before its members are marked as told by it, and posted after that: a crash in between
//     finds the digest open and marks the rest.
import { buckets } from '@hermod/contracts'
import type { Logger } from '@hermod/runtime'
import { digestKey } from './card-keys.ts'
import type { CardStore } from './card-store.ts'
import { Gathering } from './gathering.ts'
import {
  type Card,
  cardVersion,
  type DigestItem,
  type DigestStory,
  emptyPlace,
  type Place,
} from './notification/card.ts'
import { changePlace } from './notification/place-steps.ts'
import type { Time } from './time.ts'

/** So many are told one by one. */
const mostSingles = 3
const mostInOne = 50
/** Each is stored whole, and a value in KV has its limit. */
const mostBytes = buckets.cards.maxValueBytes / 2

export interface DigestOptions {
  readonly store: CardStore
  readonly time: Time
  /** To be told by itself. */
  readonly single: (key: string, place: string, card: Card) => void
  readonly inBackground: (work: Promise<unknown>) => void
  readonly log: Logger
  /** Ends the term. */
  readonly signal: AbortSignal
  readonly quietMs?: number
}

export class Digests {
  readonly #options: DigestOptions
  readonly #gathering: Gathering<Card>

  constructor(options: DigestOptions) {
    const { time, inBackground, quietMs } = options
    this.#options = options
    this.#gathering = new Gathering(
      (group, members) => inBackground(this.#tell(group, members)),
      time,
      quietMs === undefined ? {} : { quietMs },
    )
  }

  /** True when the card waits here for others of its kind. */
  takes(key: string, place: string, card: Card): boolean {
    const group = groupOf(card, place)
    if (group === undefined) {
      this.#gathering.leave(`late ${place}`, key)
      return false
    }
    this.#gathering.join(group, key, card)
    return true
  }

  get waiting(): number {
    return this.#gathering.size
  }

  stop(): void {
    this.#gathering.stop()
  }

  async #tell(group: string, members: ReadonlyMap<string, Card>): Promise<void> {
    const { single } = this.#options
    const place = group.slice(group.lastIndexOf(' ') + 1)
    if (members.size <= mostSingles) {
      for (const [key, card] of members) single(key, place, card)
      return
    }
    const items = [...members].flatMap(([card, { story }]): DigestItem[] =>
      story.kind === 'rollout' ? [{ card, transition: story.shown }] : [],
    )
    const about = group.startsWith('late') ? 'late' : 'deletions'
    for (const portion of portionsOf(items))
      await this.#post(group, place, { kind: 'digest', about, items: portion })
  }

  async #post(group: string, place: string, story: DigestStory): Promise<void> {
    const { store, time, single } = this.#options
    const { items } = story
    const now = time.date()
    const key = digestKey(place, `${group} ${items[0]?.card} ${now.getTime()}`)
    const digest: Card = {
      version: cardVersion,
      story,
      places: { [place]: emptyPlace },
      touchedAt: now.toISOString(),
    }
    await store.change(key, () => digest, 'absent')
    await store.markOpen(key, [place])
    await this.markMembers(story, place)
    single(key, place, digest)
  }

  /** Marks what a digest tells as told; whatever had news since then is told by itself. */
  async markMembers({ items }: DigestStory, place: string): Promise<void> {
    const { log, signal } = this.#options
    for (const item of items)
      await this.#markMember(item, place).catch((error: unknown) => {
        // One that cannot be read does not keep the others from being told.
        if (!signal.aborted) log.error({ err: error, card: item.card }, 'a stored card cannot be read')
      })
  }

  async #markMember({ card: key, transition: { epoch, n } }: DigestItem, place: string): Promise<void> {
    const { store, single } = this.#options
    const marked = await store.change(
      key,
      (card) =>
        card && changePlace(card, place, (before) => (before.card ? before : digested(before, epoch, n))),
    )
    if (marked) single(key, place, marked)
  }
}

function portionsOf(items: readonly DigestItem[]): readonly (readonly DigestItem[])[] {
  const portions: DigestItem[][] = []
  let room = 0
  for (const item of items) {
    const bytes = Buffer.byteLength(JSON.stringify(item))
    const last = portions.at(-1)
    if (last && last.length < mostInOne && bytes <= room) last.push(item)
    else {
      portions.push([item])
      room = mostBytes
    }
    room -= bytes
  }
  return portions
}

function digested(place: Place, epoch: number, n: number): Place {
  return place.digested?.epoch === epoch && place.digested.n === n
    ? place
    : { ...place, digested: { epoch, n } }
}

/** Whether the card waits for others of its kind before it is told. */
export function isGathered(card: Card, place: string): boolean {
  return groupOf(card, place) !== undefined
}

/** Whom a card waits with; undefined when it is told at once. */
function groupOf({ story, places }: Card, place: string): string | undefined {
  const { card, intent, unsure, digested } = places[place] ?? emptyPlace
  if (story.kind !== 'rollout' || story.hidden || card || intent || unsure) return undefined
  if (digested?.epoch === story.epoch && digested.n === story.n) return undefined
  const { cluster, namespace } = story.shown.rollout
  if (story.isDeletion) return `deletions ${cluster}/${namespace} ${place}`
  return story.late ? `late ${place}` : undefined
}
