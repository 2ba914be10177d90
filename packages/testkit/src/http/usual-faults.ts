import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import type { HttpFault } from './http-faults.ts'

/** What any HTTP service, or something on the way to it, does wrong. Hang, reset, delay and hold are HttpFaults as they stand. */
export const httpFault = {
  serverError: (status: number = 503): HttpFault => ({
    kind: 'answer',
    answer: { status, headers: { 'content-type': 'text/html' }, body: '<html>upstream connect error</html>' },
    label: `http ${status}`,
  }),
  /** A login page with status 200. */
  html: (): HttpFault => ({
    kind: 'answer',
    answer: {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<!DOCTYPE html><title>Sign in</title>',
    },
    label: 'html',
  }),
  empty: (): HttpFault => ({ kind: 'answer', answer: { status: 200 }, label: 'empty' }),
  redirect: (location: string): HttpFault => ({
    kind: 'answer',
    answer: { status: 302, headers: { location } },
    label: 'redirect',
  }),
  /** The request is carried out and nobody is told: reset before the reply, or after its headers. */
  replyLost: ({ afterHeaders = false }: { afterHeaders?: boolean } = {}): HttpFault => ({
    kind: 'reset',
    effect: true,
    afterHeaders,
    label: 'reply lost',
  }),
  /** So many bytes of a body that never was JSON. */
  hugeBody: (bytes: number): HttpFault => streamed('huge body', {}, () => zeros(bytes)),
  /** A few hundred kilobytes on the wire that become so many bytes. */
  gzipBomb: (bytes: number): HttpFault =>
    streamed('gzip bomb', { 'content-encoding': 'gzip' }, () =>
      Readable.from(zeros(bytes)).pipe(createGzip()),
    ),
  /** One byte at a time. */
  slowBody: (body: string, everyMs: number): HttpFault =>
    streamed('slow body', {}, async function* () {
      for (const byte of Buffer.from(body)) {
        yield Buffer.of(byte)
        await sleep(everyMs, undefined, { ref: false })
      }
    }),
} as const

function streamed(
  label: string,
  headers: Record<string, string>,
  stream: () => AsyncIterable<Uint8Array>,
): HttpFault {
  const type = { 'content-type': 'application/json' }
  return { kind: 'answer', answer: { status: 200, headers: { ...type, ...headers }, stream }, label }
}

async function* zeros(bytes: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(65_536, '0')
  for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left)
}
