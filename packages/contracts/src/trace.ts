import { hash } from 'node:crypto'
import type { RolloutKey } from './rollout.ts'

/**
 * W3C trace context (https://www.w3.org/TR/trace-context/): 32 lower-case hex digits, the same for everything that
 * is seen, decided and said of one rollout. It follows from the rollout's key, so whoever starts again, or joins in
 * the middle, or reads a message without one, finds the same.
 */
export function rolloutTraceId({
  cluster,
  uid,
  attempt,
}: Pick<RolloutKey, 'cluster' | 'uid' | 'attempt'>): string {
  return digest(['rollout', cluster, uid, attempt]).slice(0, 32)
}

/** `traceparent` of the message `messageId`, whose span within the trace it names. */
export function traceparentOf(traceId: string, messageId: string): string {
  return `00-${traceId}-${digest(['message', messageId]).slice(0, 16)}-01`
}

/** The trace of a `traceparent`; undefined for anything that the W3C calls invalid. */
export function traceIdOf(traceparent: string): string | undefined {
  const [, version, traceId, spanId, rest] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(traceparent) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  return isZero(traceId) || isZero(spanId) ? undefined : traceId
}

function isZero(digits = ''): boolean {
  return /^0*$/.test(digits)
}

function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex')
}
