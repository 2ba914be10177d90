import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultScript, HttpAnswer, HttpFault } from './http-faults.ts'
import { listen } from './listen.ts'

/**
 * Owns the HTTP side of every stand-in: one server on 127.0.0.1, its sockets and the way a fault is played.
 * S1. Each request ends exactly once, and its exchange is told how.
 * S2. Disposing cuts every open connection and ends every wait; nothing keeps the process alive.
 */
export interface StandInRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Aborted when the reply is complete or the connection has gone. */
  readonly signal: AbortSignal
}

/** One request as its stand-in sees it, from arrival to end. */
export interface Exchange<Call> {
  readonly call: Call
  /** Does what the request asks for. Called at most once. */
  carryOut(): HttpAnswer | Promise<HttpAnswer>
  ended(how: ExchangeEnd): void
}

export interface ExchangeEnd {
  readonly fault?: HttpFault
  /** Absent if no status line was sent. */
  readonly status?: number
  /** What broke the exchange off: a client or upstream that went away, or a bug of the stand-in. */
  readonly error?: string
}

export interface HttpStandIn extends AsyncDisposable {
  readonly port: number
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
}

export interface HttpStandInOptions<Call> {
  /** A free one by default. */
  port?: number | undefined
  /** The address that it listens on; 127.0.0.1 by default. */
  host?: string | undefined
  faults: FaultScript<Call>
  begin: (request: StandInRequest) => Exchange<Call>
}

export async function startHttpStandIn<Call>({
  port: wanted,
  host,
  faults,
  begin,
}: HttpStandInOptions<Call>): Promise<HttpStandIn> {
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
  stopped.catch(() => {})
  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const exchange = begin(await readRequest(incoming, response))
    const fault = faults.take(exchange.call)
    const played = fault ? playFault(fault, exchange, response, stopped) : play(exchange, response)
    const error = await played.then(() => undefined, String)
    // A client that goes away, or a bug in a stand-in, ends this one connection and no other.
    if (error !== undefined) response.destroy()
    exchange.ended({
      ...(fault && { fault }),
      ...(response.headersSent && { status: response.statusCode }),
      ...(error !== undefined && { error }),
    })
  }
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  const port = await listen(server, wanted, host)
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      stop(new Error('The stand-in was stopped'))
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function readRequest(incoming: IncomingMessage, response: ServerResponse): Promise<StandInRequest> {
  const over = new AbortController()
  response.once('close', () => over.abort())
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return {
    method: incoming.method ?? 'GET',
    url: new URL(incoming.url ?? '/', 'http://127.0.0.1'),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    signal: over.signal,
  }
}

async function play<Call>(exchange: Exchange<Call>, response: ServerResponse): Promise<void> {
  await send(response, await exchange.carryOut())
}

async function send(response: ServerResponse, answer: HttpAnswer): Promise<void> {
  startReply(response, answer)
  if (answer.stream) await pipeline(Readable.from(answer.stream()), response)
  else response.end(answer.body)
}

function startReply(response: ServerResponse, { status, headers = {}, body, stream }: HttpAnswer): void {
  const hasLength = stream === undefined && status !== 304
  response.writeHead(status, {
    ...headers,
    ...(hasLength && { 'content-length': Buffer.byteLength(body ?? '') }),
  })
  if (stream) response.flushHeaders()
}

/** Sends the head and so many bytes of the body, and nothing more. */
async function sendPart(response: ServerResponse, answer: HttpAnswer, atByte: number): Promise<void> {
  startReply(response, answer)
  let left = atByte
  for await (const chunk of answer.stream?.() ?? [Buffer.from(answer.body ?? '')]) {
    response.write(chunk.subarray(0, left))
    left -= chunk.length
    if (left <= 0 || response.destroyed) break
  }
  // What follows would overtake these bytes in the client, which would then never see them.
  await sleep(20)
}

async function playFault<Call>(
  fault: HttpFault,
  exchange: Exchange<Call>,
  response: ServerResponse,
  stopped: Promise<never>,
): Promise<void> {
  if (fault.kind === 'delay' || fault.kind === 'hold') {
    const over = fault.kind === 'delay' ? sleep(fault.ms, undefined, { ref: false }) : fault.until
    if (!fault.effect) await Promise.race([over, stopped])
    const answer = await exchange.carryOut()
    if (fault.effect) await Promise.race([over, stopped])
    return send(response, answer)
  }
  const answer = fault.effect || fault.kind === 'truncate' ? await exchange.carryOut() : undefined
  switch (fault.kind) {
    case 'answer':
      return send(response, fault.answer)
    case 'hang':
      await Promise.race([once(response, 'close'), stopped])
      return
    case 'reset':
      if (fault.afterHeaders) await sendPart(response, answer ?? { status: 200, body: '{}' }, 1)
      response.socket?.resetAndDestroy()
      return
    case 'truncate':
      await sendPart(response, answer ?? { status: 200 }, fault.atByte)
      response.destroy()
  }
}
