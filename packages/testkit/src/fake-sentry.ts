import type { IncomingHttpHeaders } from 'node:http'
import { gunzipSync } from 'node:zlib'
import {
  type FaultRule,
  FaultScript,
  type HttpAnswer,
  type HttpFault,
  type InjectedFault,
} from './http/http-faults.ts'
import { type StandInRequest, startHttpStandIn } from './http/http-stand-in.ts'
import { type Envelope, type EnvelopeItem, parseEnvelope } from './sentry/envelope.ts'

/** Sentry's envelope endpoint: takes what a client sends, plain or gzipped, and keeps it for a test to look at. */
export interface FakeSentry extends AsyncDisposable {
  readonly port: number
  /** `http://KEY@127.0.0.1:PORT/42` */
  readonly dsn: string
  /** Requests so far, those that a fault hit or that were refused included. */
  readonly requests: readonly SentryRequest[]
  /** What was taken, in order. */
  readonly envelopes: readonly Envelope[]
  /** All items of all envelopes of one type, such as `event`. */
  items(type: string): EnvelopeItem['payload'][]
  inject(fault: HttpFault, rule?: FaultRule<SentryRequest>): InjectedFault
  liftFaults(): void
}

export interface SentryRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export const sentryFault = {
  rateLimited: (retryAfter: number): HttpFault => ({
    kind: 'answer',
    answer: { status: 429, headers: { 'retry-after': String(retryAfter) }, body: '{"detail":"rate limit"}' },
    label: '429',
  }),
} as const

const project = '42'

/** `key` is the secret part of the DSN. */
export async function startFakeSentry({
  port,
  key = 'key',
}: {
  readonly port?: number
  readonly key?: string
} = {}): Promise<FakeSentry> {
  const requests: SentryRequest[] = []
  const envelopes: Envelope[] = []
  const faults = new FaultScript<SentryRequest>()

  function take({ url, headers, body }: StandInRequest): HttpAnswer {
    if (url.pathname !== `/api/${project}/envelope/`) return detail(404, 'no such endpoint')
    const sentKey =
      url.searchParams.get('sentry_key') ?? /sentry_key=(\w+)/.exec(String(headers['x-sentry-auth']))?.[1]
    if (sentKey !== key) return detail(403, 'bad sentry DSN public key')
    try {
      const envelope = parseEnvelope(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
      envelopes.push(envelope)
      return { status: 200, headers: json, body: JSON.stringify({ id: envelope.header['event_id'] }) }
    } catch {
      return detail(400, 'invalid envelope')
    }
  }

  const server = await startHttpStandIn<SentryRequest>({
    port,
    faults,
    begin(received) {
      const call = { path: received.url.pathname, headers: received.headers }
      requests.push(call)
      return { call, carryOut: () => take(received), ended() {} }
    },
  })
  return {
    port: server.port,
    dsn: `http://${key}@127.0.0.1:${server.port}/${project}`,
    requests,
    envelopes,
    items: (type) =>
      envelopes.flatMap(({ items }) =>
        items.filter((item) => item.type === type).map(({ payload }) => payload),
      ),
    inject: (fault, rule) => faults.inject(fault, rule),
    liftFaults: () => faults.liftAll(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const json = { 'content-type': 'application/json' }

function detail(status: number, text: string): HttpAnswer {
  return { status, headers: json, body: JSON.stringify({ detail: text }) }
}
