import type { HttpFault } from '../http/http-faults.ts'

/** What Slack and the way to it do wrong. Hang, delay, hold and resets are HttpFaults as they stand. */
export const slackFault = {
  /** 429 with Retry-After in seconds, as a text of any kind, or without it. */
  rateLimited: (retryAfter?: number | string): HttpFault => ({
    ...json(
      429,
      { ok: false, error: 'ratelimited' },
      retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    ),
    label: 'ratelimited',
  }),
  /** `ok: false` at HTTP 200. With `effect` the call is carried out all the same, as `fatal_error` may be. */
  error: (
    code: string,
    { effect = false, details = {} }: { effect?: boolean; details?: object } = {},
  ): HttpFault => ({
    ...json(200, { ok: false, error: code, ...details }),
    label: code,
    effect,
  }),
  serverError: (status = 503): HttpFault => ({
    kind: 'answer',
    answer: { status, headers: { 'content-type': 'text/html' }, body: '<html>upstream connect error</html>' },
    label: `http ${status}`,
  }),
  /** A proxy's login page with status 200. */
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
  /** The call is carried out and nobody is told: reset before the reply, or after its headers. */
  replyLost: ({ afterHeaders = false }: { afterHeaders?: boolean } = {}): HttpFault => ({
    kind: 'reset',
    effect: true,
    afterHeaders,
    label: 'reply lost',
  }),
} as const

function json(
  status: number,
  body: object,
  headers: Record<string, string> = {},
): Extract<HttpFault, { kind: 'answer' }> {
  return {
    kind: 'answer',
    answer: {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body: JSON.stringify(body),
    },
  }
}
