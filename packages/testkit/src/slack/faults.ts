import type { HttpFault } from '../http/http-faults.ts'

/** What Slack itself says when it does not do what it is asked. For all else there is httpFault. */
export const slackFault = {
  /** 429 with Retry-After in seconds, as a text of any kind, or without it. */
  rateLimited: (retryAfter?: number | string): HttpFault => ({
    kind: 'answer',
    answer: {
      status: 429,
      headers: { ...json, ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }) },
      body: JSON.stringify({ ok: false, error: 'ratelimited' }),
    },
    label: 'ratelimited',
  }),
  /** `ok: false` at HTTP 200. With `effect` the call is carried out all the same, as with `fatal_error` it may be. */
  error: (
    code: string,
    { effect = false, details = {} }: { effect?: boolean; details?: object } = {},
  ): HttpFault => ({
    kind: 'answer',
    answer: { status: 200, headers: json, body: JSON.stringify({ ok: false, error: code, ...details }) },
    label: code,
    effect,
  }),
} as const

const json = { 'content-type': 'application/json; charset=utf-8' }
