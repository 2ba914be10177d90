import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { sentryFault, startFakeSentry } from './fake-sentry.ts'
import { httpFault } from './http/usual-faults.ts'

const event = { event_id: 'e1', message: 'broken\nin two' }

/** An envelope of an event and, with its length, of a payload with line ends in it. */
const envelope = [
  '{"event_id":"e1"}',
  '{"type":"event"}',
  JSON.stringify(event),
  '{"type":"attachment","length":5}',
  'a\nb\nc',
  '{"type":"session"}',
  '{}',
].join('\n')

test('takes envelopes, plain and gzipped, and shows their items', async () => {
  await using sentry = await startFakeSentry()
  const { username, host, pathname } = new URL(sentry.dsn)
  const url = `http://${host}/api${pathname}/envelope/?sentry_version=7&sentry_key=${username}`
  for (const request of [
    { body: envelope },
    { body: gzipSync(envelope), headers: { 'content-encoding': 'gzip' } },
  ]) {
    const response = await fetch(url, { method: 'POST', ...request })
    assert.deepEqual([response.status, await response.json()], [200, { id: 'e1' }])
  }
  assert.deepEqual(sentry.items('event'), [event, event])
  assert.deepEqual(sentry.items('attachment'), ['a\nb\nc', 'a\nb\nc'])
  assert.deepEqual(sentry.items('session'), [{}, {}])
  assert.equal(sentry.envelopes[1]?.text, envelope)
})

test('refuses another project, another key and what is no envelope', async () => {
  await using sentry = await startFakeSentry()
  const statusOf = async (path: string, body = envelope) =>
    (await fetch(`http://127.0.0.1:${sentry.port}${path}`, { method: 'POST', body })).status
  assert.equal(await statusOf('/api/43/envelope/?sentry_key=key'), 404)
  assert.equal(await statusOf('/api/42/envelope/?sentry_key=other'), 403)
  assert.equal(await statusOf('/api/42/envelope/'), 403)
  assert.equal(await statusOf('/api/42/envelope/?sentry_key=key', 'no JSON'), 400)
  assert.deepEqual([sentry.envelopes.length, sentry.requests.length], [0, 4])
})

test('answers 429 and 500 when told to, and takes nothing then', async () => {
  await using sentry = await startFakeSentry()
  const url = `http://127.0.0.1:${sentry.port}/api/42/envelope/?sentry_key=key`
  const post = async () => await fetch(url, { method: 'POST', body: envelope })
  sentry.inject(sentryFault.rateLimited(60), { times: 1 })
  const limited = await post()
  assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '60'])
  sentry.inject(httpFault.serverError(500), { times: 1 })
  assert.equal((await post()).status, 500)
  assert.equal(sentry.envelopes.length, 0)
  assert.equal((await post()).status, 200)
})
