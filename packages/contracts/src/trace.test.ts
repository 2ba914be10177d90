import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeEvent, encodeEvent } from './cloud-event.ts'
import { rolloutTraceId, traceIdOf, traceparentOf } from './trace.ts'

const key = { cluster: 'prod', uid: 'a-uid', attempt: 7 }
const traceId = rolloutTraceId(key)

test('a rollout has one trace id, whoever computes it, and another rollout has another', () => {
  assert.equal(rolloutTraceId({ ...key }), traceId)
  assert.match(traceId, /^[0-9a-f]{32}$/)
  const others = [{ attempt: 8 }, { uid: 'b-uid' }, { cluster: 'test' }].map((change) =>
    rolloutTraceId({ ...key, ...change }),
  )
  assert.equal(new Set([traceId, ...others]).size, 4)
})

test('a traceparent is read back as its trace, and each message is a span of its own', () => {
  const traceparent = traceparentOf(traceId, 'message-1')
  assert.equal(traceparent.length, 55)
  assert.equal(traceIdOf(traceparent), traceId)
  assert.notEqual(traceparentOf(traceId, 'message-2'), traceparent)
})

test('what the W3C calls invalid has no trace; a version to come is read as far as it is known', () => {
  const span = '00f067aa0ba902b7'
  const invalid = [
    '',
    'nonsense',
    `00-${traceId}-${span}`,
    `00-${traceId.toUpperCase()}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `ff-${traceId}-${span}-01`,
    `00-${traceId}-${span}-01-more`,
    `00-${traceId.slice(1)}-${span}-01`,
    ` 00-${traceId}-${span}-01`,
  ]
  assert.deepEqual(
    invalid.map(traceIdOf),
    invalid.map(() => undefined),
  )
  assert.equal(traceIdOf(`01-${traceId}-${span}-01-more`), traceId)
})

test('an event whose traceparent is malformed is read without it: nothing is lost', () => {
  const event = {
    id: '1',
    source: '/hermod/dedupe/prod',
    type: 'transition',
    subject: 'shop/web',
    time: '2026-11-22T10:00:00Z',
    data: { version: 1 },
  } as const
  const read = (traceparent: unknown): unknown => {
    const body = JSON.stringify({ ...JSON.parse(encodeEvent(event)), traceparent })
    const decoded = decodeEvent(body, (data) => ({ kind: 'ok', value: data }))
    return decoded.kind === 'ok' ? (decoded.value.traceparent ?? 'none') : decoded.kind
  }
  const good = traceparentOf(traceId, '1')
  assert.deepEqual([good, 'nonsense', 42, null, undefined].map(read), [good, 'none', 'none', 'none', 'none'])
})
