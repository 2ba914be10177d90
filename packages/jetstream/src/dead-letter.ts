import {
  type DeadLetter,
  deadLetterSubject,
  deadLetterVersion,
  encodeEvent,
  eventHeaders,
  traceIdOf,
  traceparentOf,
} from '@hermod/contracts'
import type { Delivery } from './delivery.ts'
import { MessageTooLarge, type OutgoingMessage, type Publisher } from './publish.ts'

export interface Corpse {
  readonly service: string
  readonly delivery: Delivery
  readonly body: Uint8Array
  readonly reason: string
}

/** Puts a message that cannot be processed into DEAD_LETTERS; resolves once it is stored there. */
export async function bury(
  corpse: Corpse,
  publisher: Publisher,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  try {
    await publisher.publish(deadLetterMessage(corpse, now), signal)
  } catch (error) {
    if (!(error instanceof MessageTooLarge)) throw error
    const reason = `${corpse.reason} (too large to be kept here: read it from the stream)`
    await publisher.publish(deadLetterMessage({ ...corpse, body: new Uint8Array(), reason }, now), signal)
  }
}

function deadLetterMessage({ service, delivery, body, reason }: Corpse, now: Date): OutgoingMessage {
  const { stream, consumer, sequence, subject, deliveries, headers, streamTimestampMs } = delivery
  const at = now.toISOString()
  // A recreated stream counts from 1 again: the time tells its messages from the old ones.
  const id = `${service}-${stream}-${sequence}-${streamTimestampMs}`
  const letter: DeadLetter = {
    version: deadLetterVersion,
    service,
    stream,
    consumer,
    sequence,
    subject,
    reason,
    deliveries,
    headers,
    payload: Buffer.from(body).toString('base64'),
    at,
  }
  const source = `/hermod/${service}`
  const traceId = traceIdOf(headers['traceparent'] ?? '')
  const trace = traceId === undefined ? {} : { traceparent: traceparentOf(traceId, id) }
  return {
    subject: deadLetterSubject(service, stream),
    id,
    body: encodeEvent({ id, source, type: 'dead-letter', subject, time: at, ...trace, data: letter }),
    headers: eventHeaders(trace),
  }
}
