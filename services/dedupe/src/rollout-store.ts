// Owns the bucket `rollouts`: what is known of each Deployment, and what is still to be said of it.
// R1. A save names the revision that it rests on: of two replicas the second changes nothing, so it says nothing.
// R2. Transitions are stored in the same write as the state they come from, and taken out once they are published.
// R3. What is cached is forgotten as soon as another replica had a message of that partition: a stale state would
//     take a change back and forth for no change at all, and no write would follow to reveal it. A server that was
//     killed may have forgotten its newest deliveries and count them again, so a new link forgets it all too.
import type { Bucket, Delivery } from '@hermod/jetstream'
import { readStored, type StoredRollout, type StoredState, writeStored } from './stored-rollout.ts'

/** A stored state and the revision it was read or written at. */
export interface Held extends StoredRollout {
  readonly key: string
  readonly kvRevision: number
}

export interface RolloutStore extends AsyncDisposable {
  /** To be told of each delivery of a partition's consumer, and the link it came by, before anything is loaded for it. */
  follow(delivery: Pick<Delivery, 'subject' | 'deliverySequence'>, link: AbortSignal): void
  /** Makes the next loads of a partition read what is really there, should the bucket have been lost. */
  distrust(partition: number): void
  load(key: string, signal: AbortSignal): Promise<Held | undefined>
  /** Undefined when somebody else was first. */
  save(
    key: string,
    stored: StoredRollout,
    kvRevision: number | undefined,
    signal: AbortSignal,
  ): Promise<Held | undefined>
  /** Call once everything in it is published; nobody waits for it but the next load of that key. */
  emptyOutboxLater(held: Held): void
  /** False when it was changed since. */
  remove(held: Held, signal: AbortSignal): Promise<boolean>
  keys(filter: string, signal: AbortSignal): Promise<readonly string[]>
}

const cachedPerPartition = 4
const emptyingAtStopMs = 2_000

export function createRolloutStore(bucket: Bucket<StoredState>): RolloutStore {
  const caches = new Map<string, PartitionCache>()
  const emptying = new Map<string, Promise<void>>()
  const stopped = new AbortController()
  const cacheOf = (key: string): PartitionCache => {
    const [partition = ''] = key.split('.')
    const cache = caches.get(partition) ?? new PartitionCache()
    caches.set(partition, cache)
    return cache
  }

  const save: RolloutStore['save'] = async (key, stored, kvRevision, signal) => {
    const cache = cacheOf(key)
    cache.forget(key)
    const saved = await bucket.save(key, writeStored(stored), kvRevision, signal)
    return saved === undefined ? undefined : cache.keep({ ...stored, key, kvRevision: saved })
  }

  return {
    follow({ subject, deliverySequence }, link) {
      const [, , partition = ''] = subject.split('.')
      cacheOf(partition).follow(deliverySequence, link)
    },
    distrust(partition) {
      caches.delete(String(partition))
    },
    async load(key, signal) {
      await emptying.get(key)
      const cache = cacheOf(key)
      const cached = cache.find(key)
      if (cached) return cached
      const entry = await bucket.load(key, signal)
      return entry && cache.keep({ ...readStored(entry.value), key, kvRevision: entry.kvRevision })
    },
    save,
    emptyOutboxLater(held) {
      const { key, kvRevision, tracked, lastSeen } = held
      if (held.outbox.length === 0) return
      // Whoever comes next finds it full at worst and publishes it again, which changes nothing.
      const emptied = save(key, { tracked, lastSeen, outbox: [] }, kvRevision, stopped.signal).then(
        () => undefined,
        () => undefined,
      )
      emptying.set(key, emptied)
      void emptied.then(() => {
        if (emptying.get(key) === emptied) emptying.delete(key)
      })
    },
    async remove({ key, kvRevision }, signal) {
      await emptying.get(key)
      cacheOf(key).forget(key)
      return await bucket.remove(key, kvRevision, signal)
    },
    keys: (filter, signal) => bucket.keys(filter, signal),
    async [Symbol.asyncDispose]() {
      const enough = setTimeout(() => stopped.abort(new Error('stopping')), emptyingAtStopMs)
      await Promise.all(emptying.values())
      clearTimeout(enough)
    },
  }
}

/** The states of one partition used last; the least recently used goes first. */
class PartitionCache {
  readonly #states = new Map<string, Held>()
  #lastDelivery: number | undefined
  #link: AbortSignal | undefined

  follow(deliverySequence: number, link: AbortSignal): void {
    if (deliverySequence !== (this.#lastDelivery ?? Number.NaN) + 1 || link !== this.#link)
      this.#states.clear()
    this.#lastDelivery = deliverySequence
    this.#link = link
  }

  find(key: string): Held | undefined {
    const held = this.#states.get(key)
    return held && this.keep(held)
  }

  keep(held: Held): Held {
    this.#states.delete(held.key)
    this.#states.set(held.key, held)
    const [oldest] = this.#states.keys()
    if (this.#states.size > cachedPerPartition && oldest !== undefined) this.#states.delete(oldest)
    return held
  }

  forget(key: string): void {
    this.#states.delete(key)
  }
}
