import type { HttpFault } from './http-faults.ts'
import type { LineEdit } from './line-edit.ts'

/** What a Kubernetes API server says when it does not do what it is asked, as kube-apiserver 1.36 words it. */
export const kubeFault = {
  /** A `Status` with its HTTP status: 403 Forbidden, 500 InternalError, 503 ServiceUnavailable. */
  status: (code: number, reason: string, message: string = reason): HttpFault => ({
    kind: 'answer',
    answer: {
      status: code,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(statusObject(code, reason, message)),
    },
    label: `${code} ${reason}`,
  }),
  /** As lists get it; a watch gets `expiredWatch`. */
  gone: (): HttpFault =>
    kubeFault.status(410, 'Expired', 'The resourceVersion for the provided list is too old.'),
  /** Priority and fairness refuse in plain text, not with a Status. */
  tooManyRequests: (retryAfter: number | string = 1): HttpFault => ({
    kind: 'answer',
    answer: {
      status: 429,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': String(retryAfter) },
      body: 'Too many requests, please try again later.\n',
    },
    label: '429',
  }),
  /** A watch from a version that is no longer kept: HTTP 200, one ERROR event, the end. */
  expiredWatch: (): HttpFault => ({
    kind: 'answer',
    answer: { status: 200, headers: { 'content-type': 'application/json' }, body: `${expiredEvent}\n` },
    label: '410 as an event',
  }),
} as const

function statusObject(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
}

const expiredEvent = JSON.stringify({
  type: 'ERROR',
  object: statusObject(410, 'Expired', 'too old resource version: 224 (239)'),
})

/** A running watch expires: the ERROR event instead of this line, and nothing after it. */
export function expireAtLine(index: number): LineEdit {
  return (line, current) => (current === index ? { last: `${expiredEvent}\n`, how: 'end' } : line)
}
