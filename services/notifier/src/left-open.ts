// Owns the reading of cards that an earlier term has left open.
// R1. One that cannot be read does not keep the others from being told.
// R2. Of one that is older than the bucket's memory Slack may have more than it says. Perhaps nobody says anything about
//     it any more, so it is doubted here.
import type { DeliveryContext } from './delivery-context.ts'
import type { Card } from './notification/card.ts'
import { doubt } from './notification/take-in.ts'

export async function loadLeftOpen(
  key: string,
  { store, memory, log, signal }: Pick<DeliveryContext, 'store' | 'memory' | 'log' | 'signal'>,
): Promise<Card | undefined> {
  try {
    return await store.change(key, (card) => card && doubt(card, memory.since))
  } catch (error) {
    if (!signal.aborted) log.error({ err: error, card: key }, 'a stored card cannot be read')
    return undefined
  }
}
