import type { Msg } from '@nats-io/transport-node'

/** What a consumer says about a message, beside the message itself. */
export interface Delivery {
  readonly stream: string
  readonly consumer: string
  readonly subject: string
  /** Place in the stream; starts at 1 again when the stream is made anew. */
  readonly sequence: number
  /** When the stream stored it, by the server's clock, in ms since 1970; the same at each redelivery. */
  readonly streamTimestampMs: number
  /** Counts the consumer's deliveries, to whichever process: a gap means another one had a message between. */
  readonly deliverySequence: number
  /** 1 at the first delivery. */
  readonly deliveries: number
  readonly redelivered: boolean
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Nats-Msg-Id. */
  readonly id: string | undefined
}

/** Reads what the server writes into the reply subject of a delivered message; undefined for anything else. */
export function readDelivery(message: Msg): Delivery | undefined {
  const tokens = (message.reply ?? '').split('.')
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return undefined
  // v1: $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<delivery sequence>.<time>.<pending>
  // v2: $JS.ACK.<domain>.<account>.<stream>.… with more tokens behind (ADR-15)
  const [stream, consumer, ...numbers] = tokens.slice(tokens.length === 9 ? 2 : 4)
  const [deliveries, sequence, deliverySequence, nanoseconds] = numbers.map((token) =>
    /^\d+$/.test(token) ? BigInt(token) : undefined,
  )
  if (stream === undefined || consumer === undefined) return undefined
  if (deliveries === undefined || sequence === undefined) return undefined
  if (deliverySequence === undefined || nanoseconds === undefined) return undefined
  const headers = readHeaders(message)
  return {
    stream,
    consumer,
    subject: message.subject,
    sequence: Number(sequence),
    streamTimestampMs: Number(nanoseconds / 1_000_000n),
    deliverySequence: Number(deliverySequence),
    deliveries: Number(deliveries),
    redelivered: deliveries > 1n,
    headers,
    id: headers['nats-msg-id'],
  }
}

function readHeaders({ headers }: Msg): Readonly<Record<string, string>> {
  if (!headers) return {}
  return Object.fromEntries(headers.keys().map((name) => [name.toLowerCase(), headers.get(name)]))
}
