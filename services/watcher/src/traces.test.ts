import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rolloutTraceId } from '@hermod/contracts'
import { Traces } from './traces.ts'

function seen(
  digest: string,
  generation: number,
  more: { uid?: string; name?: string; deleted?: boolean } = {},
) {
  const template = { digest, aspects: {}, keyId: 'k', digestVersion: 1, containers: [] }
  const { uid = 'a', name = 'web', deleted = false } = more
  return { cluster: 'prod', namespace: 'shop', name, uid, generation, template, deleted }
}

const traceOf = (attempt: number, uid = 'a'): string => rolloutTraceId({ cluster: 'prod', uid, attempt })

test('a trace lasts as long as its template, over scaling and annotations', () => {
  const traces = new Traces()
  const found = [seen('one', 4), seen('one', 5), seen('two', 6), seen('two', 6), seen('two', 8)]
  assert.deepEqual(
    found.map((each) => traces.of(each)),
    [4, 4, 6, 6, 6].map((attempt) => traceOf(attempt)),
  )
})

test('a template that comes back is another rollout, and so is one under another uid', () => {
  const traces = new Traces()
  const found = [seen('one', 4), seen('two', 5), seen('one', 6), seen('one', 1, { uid: 'b' })]
  assert.deepEqual(
    found.map((each) => traces.of(each)),
    [traceOf(4), traceOf(5), traceOf(6), traceOf(1, 'b')],
  )
})

test('a restarted watcher finds the same trace', () => {
  assert.equal(new Traces().of(seen('one', 4)), new Traces().of(seen('one', 4)))
})

test('the end of a Deployment has the trace of its rollout, and is then forgotten', () => {
  const traces = new Traces()
  const ids = [seen('one', 4), seen('one', 5, { deleted: true }), seen('one', 7)].map((each) =>
    traces.of(each),
  )
  assert.deepEqual(ids, [traceOf(4), traceOf(4), traceOf(7)])
})
