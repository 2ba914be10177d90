import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from './metrics.ts'

const bare = { processMetrics: false }

async function samples(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

test('each counter with closed labels shows 0 before anything happened', async () => {
  const metrics = createMetrics(bare)
  metrics.counter({ name: 'a_total', help: 'a' })
  metrics.counters({ name: 'b_total', help: 'b', labels: { result: ['ok', 'failed'] } })
  assert.deepEqual(await samples(metrics), [
    'a_total 0',
    'b_total{result="ok"} 0',
    'b_total{result="failed"} 0',
  ])
})

test('a counter counts by one or by more, each combination of labels alone', async () => {
  const metrics = createMetrics(bare)
  const counter = metrics.counters({ name: 'a_total', help: 'a', labels: { result: ['ok', 'failed'] } })
  counter.with({ result: 'ok' }).inc()
  counter.with({ result: 'ok' }).inc(2)
  counter.with({ result: 'failed' }).inc()
  assert.deepEqual(await samples(metrics), ['a_total{result="ok"} 3', 'a_total{result="failed"} 1'])
})

test('the same labels are the same counter', () => {
  const counter = createMetrics(bare).counters({ name: 'a_total', help: 'a', labels: { result: ['ok'] } })
  assert.equal(counter.with({ result: 'ok' }), counter.with({ result: 'ok' }))
})

test('an open label is counted as other past its bound', async () => {
  const metrics = createMetrics(bare)
  const counter = metrics.counters({ name: 'a_total', help: 'a', labels: { namespace: { atMost: 1 } } })
  for (const namespace of ['shop', 'bank', 'mail', 'shop']) counter.with({ namespace }).inc()
  assert.deepEqual(await samples(metrics), ['a_total{namespace="shop"} 2', 'a_total{namespace="other"} 2'])
})

test('a gauge holds its value until it is removed, or is read at each scrape', async () => {
  const metrics = createMetrics(bare)
  let depth = 1
  metrics.gauge({ name: 'depth', help: 'a', read: () => depth })
  const age = metrics.gauges({ name: 'age_seconds', help: 'b', labels: { channel: { atMost: 9 } } })
  age.with({ channel: 'C1' }).set(5)
  age.with({ channel: 'C2' }).set(7)
  age.with({ channel: 'C1' }).remove()
  depth = 2
  assert.deepEqual(await samples(metrics), ['depth 2', 'age_seconds{channel="C2"} 7'])
})

test('a histogram sorts into the buckets it was given', async () => {
  const metrics = createMetrics(bare)
  metrics.histogram({ name: 'a_seconds', help: 'a', buckets: [1, 60] }).observe(30)
  const labelled = metrics.histograms({ name: 'b_seconds', help: 'b', labels: { kind: ['x'] }, buckets: [1] })
  labelled.with({ kind: 'x' }).observe(0.5)
  const text = await samples(metrics)
  assert.ok(text.includes('a_seconds_bucket{le="1"} 0'))
  assert.ok(text.includes('a_seconds_bucket{le="60"} 1'))
  assert.ok(text.includes('b_seconds_bucket{le="1",kind="x"} 1'), text.join('\n'))
})

test('the process tells of its own memory and event loop', async () => {
  const text = await createMetrics().text()
  assert.match(text, /^process_resident_memory_bytes \d/m)
  assert.match(text, /^nodejs_eventloop_lag_seconds \d/m)
})

test('two processes in one have nothing in common', async () => {
  const first = createMetrics(bare)
  first.counter({ name: 'a_total', help: 'a' }).inc()
  const second = createMetrics(bare)
  second.counter({ name: 'a_total', help: 'a' })
  assert.deepEqual(await samples(second), ['a_total 0'])
})
