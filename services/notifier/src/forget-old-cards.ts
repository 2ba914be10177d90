// Owns the forgetting of cards that nothing happened to for long.
// F1. An open card is never forgotten.
// F2. A forgotten card is not posted again: transitions that could make it are older than a day by then.
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@hermod/runtime'
import type { CardStore } from './card-store.ts'
import type { Card } from './notification/card.ts'

export interface ForgettingOptions {
  readonly store: CardStore
  readonly retentionMs: number
  readonly log: Logger
  readonly signal: AbortSignal
  readonly firstAfterMs?: number
  readonly everyMs?: number
}

const kinds = ['card', 'deletion', 'digest', 'notice']

/** Looks through all cards now and then, one after another; ends when `signal` is aborted. */
export async function forgetOldCards(options: ForgettingOptions): Promise<void> {
  const { signal, log, firstAfterMs = 10 * 60_000, everyMs = 6 * 3_600_000 } = options
  for (let waitMs = firstAfterMs; ; waitMs = everyMs) {
    await delay(waitMs, undefined, { signal })
    const forgotten = await forgetOnce(options)
    if (forgotten > 0) log.info({ forgotten }, 'old cards forgotten')
  }
}

async function forgetOnce({ store, retentionMs, signal }: ForgettingOptions): Promise<number> {
  let forgotten = 0
  const open = new Set(await store.openCards())
  for (const kind of kinds) {
    for (const key of await store.keys(`${kind}.>`)) {
      signal.throwIfAborted()
      const oldest = Date.now() - retentionMs
      const isOld = ({ touchedAt }: Card): boolean => Date.parse(touchedAt) < oldest
      // One that cannot be read stays for whoever can.
      if (!open.has(key) && (await store.forget(key, isOld).catch(() => false))) forgotten++
    }
  }
  return forgotten
}
