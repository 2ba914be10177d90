import type { StoredMsg } from '@nats-io/jetstream'
import type { Reach } from './reach.ts'

/** A message as its stream keeps it. */
export interface StoredMessage {
  readonly sequence: number
  readonly subject: string
  /** When the stream stored it, ms since 1970. */
  readonly atMs: number
  readonly body: Uint8Array
}

/**
 * Reads what a stream holds, the oldest first, to its present end. One request a message and no consumer, so it needs
 * no right to make one; a message that goes meanwhile is passed over.
 */
export async function* storedMessages(
  reach: Reach,
  stream: string,
  { fromMs = 0 }: { readonly fromMs?: number } = {},
): AsyncGenerator<StoredMessage> {
  const { streams } = reach.connection.manager
  const { state } = await reach.ask(() => streams.info(stream))
  const next = async (sequence: number): Promise<StoredMsg | null> =>
    await reach.ask(() => streams.getMessage(stream, { ...nextFrom(sequence) }))
  let sequence =
    fromMs > 0 ? await firstSince(fromMs, state.first_seq, state.last_seq, next) : state.first_seq
  while (sequence <= state.last_seq) {
    const message = await next(sequence)
    if (message === null || message.seq > state.last_seq) return
    yield messageOf(message)
    sequence = message.seq + 1
  }
}

/** One message, or undefined if the stream does not hold it. */
export async function storedMessage(
  reach: Reach,
  stream: string,
  sequence: number,
): Promise<StoredMessage | undefined> {
  const message = await reach.ask(() =>
    reach.connection.manager.streams.getMessage(stream, { seq: sequence }),
  )
  return message ? messageOf(message) : undefined
}

function messageOf({ seq, subject, time, data }: StoredMsg): StoredMessage {
  return { sequence: seq, subject, atMs: time.getTime(), body: data }
}

// The client's type leaves it out, the server has known it since 2.9.
function nextFrom(sequence: number): { seq: number; next_by_subj: string } {
  return { seq: sequence, next_by_subj: '>' }
}

async function firstSince(
  fromMs: number,
  first: number,
  last: number,
  next: (sequence: number) => Promise<StoredMsg | null>,
): Promise<number> {
  let [low, high] = [first, last + 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const message = await next(middle)
    if (message !== null && message.time.getTime() < fromMs) low = message.seq + 1
    else high = middle
  }
  return low
}
