// Owns the question whether Slack has a result by now.
// R1. It has when a receipt of that Deployment is of this transition, or of a later one.
// R2. It may be that nobody tells it, or nobody is to hear it: so nothing waits for a receipt for long.
import {
  type DeliveryReceipt,
  decodeEvent,
  deliverySubject,
  parseReceipt,
  type RolloutTransition,
  streams,
  type TransitionKind,
} from '@hermod/contracts'
import { type JetStreamConnection, lastMessage } from '@hermod/jetstream'
import { sleep } from '@hermod/runtime'

export interface ReceiptOptions {
  readonly connection: JetStreamConnection
  readonly partitions: number
  /** Counted from the publication of the transition. */
  readonly patienceMs?: number
}

/** Words about the end of an attempt, of which a later one tells more than the ones before. */
const ends: ReadonlySet<TransitionKind> = new Set(['succeeded', 'failed', 'recovered', 'deleted'])
const defaultPatienceMs = 30_000
/** Most are told within a second, and one that is not takes its time. */
const lookAgainMs = [50, 200, 500] as const
const lookLaterMs = 1_000

/** Ends when Slack has the transition, when it was published too long ago to be waited for, or with `signal`. */
export async function awaitReceipt(
  transition: RolloutTransition,
  publishedMs: number,
  { connection, partitions, patienceMs = defaultPatienceMs }: ReceiptOptions,
  signal: AbortSignal,
): Promise<void> {
  const subject = deliverySubject(transition.rollout, partitions)
  const leftMs = Math.min(patienceMs, publishedMs + patienceMs - Date.now())
  if (leftMs <= 0) return
  const until = AbortSignal.any([signal, AbortSignal.timeout(leftMs)])
  for (let looks = 0; !until.aborted; looks++) {
    const newest = { stream: streams.deliveries.name, subject }
    const body = await lastMessage(connection, newest, { signal: until }).catch((error: unknown) => {
      if (!until.aborted) throw error
    })
    const receipt = body && receiptIn(body)
    if (receipt && isToldBy(receipt, transition)) return
    await sleep(lookAgainMs[looks] ?? lookLaterMs, until)
  }
}

function receiptIn(body: Uint8Array): DeliveryReceipt | undefined {
  const event = decodeEvent(new TextDecoder().decode(body), parseReceipt)
  return event.kind === 'ok' ? event.value.data : undefined
}

/** Whether whoever reads what the receipt stands for knows this result too, or what came after it. */
export function isToldBy(
  receipt: Pick<DeliveryReceipt, 'kind' | 'at' | 'attempt'>,
  { kind, at, rollout: { attempt } }: RolloutTransition,
): boolean {
  const laterMs = Date.parse(receipt.at) - Date.parse(at)
  if (receipt.attempt !== attempt) return laterMs > 0
  return receipt.kind === kind ? laterMs >= 0 : laterMs > 0 && ends.has(receipt.kind)
}
