import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { eventually } from '@hermod/testkit'
import { createScrubber } from './scrubber.ts'
import { Secret } from './secret.ts'
import { type ErrorReporter, startSentry } from './sentry.ts'

const canary = 'canary-4711'

interface Intake extends AsyncDisposable {
  readonly url: string
  /** The events of all envelopes so far. */
  readonly events: readonly SentEvent[]
  readonly headers: readonly IncomingHttpHeaders[]
}

interface SentEvent {
  readonly environment: string
  readonly tags: Record<string, string>
  readonly exception: { readonly values: readonly { readonly type: string; readonly value: string }[] }
}

async function startIntake(
  answer = (response: ServerResponse): unknown => response.end('{}'),
): Promise<Intake> {
  const events: SentEvent[] = []
  const headers: IncomingHttpHeaders[] = []
  const take = async (message: IncomingMessage): Promise<void> => {
    headers.push(message.headers)
    const body = await buffer(message)
    const envelope = message.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const [, item, event] = envelope.toString().split('\n')
    if (item !== undefined && JSON.parse(item).type === 'event') events.push(JSON.parse(event ?? ''))
  }
  const server = createServer((message, response) => {
    take(message).then(
      () => answer(response),
      (error: unknown) => response.destroy(error as Error),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    events,
    headers,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function reportTo(intake: Intake): Promise<ErrorReporter> {
  const scrubber = createScrubber()
  scrubber.add(Secret.of(canary))
  const dsn = intake.url.replace('http://', 'http://key@') + '/42'
  return startSentry({ dsn, environment: 'staging', service: 'toy', scrubber })
}

test('a report arrives with its causes, its service and its environment', async () => {
  await using intake = await startIntake()
  const reporter = await reportTo(intake)
  reporter.report(new Error('outer', { cause: new TypeError('inner') }))
  await reporter.flush(5000)
  const [event] = intake.events
  assert.deepEqual(
    event?.exception.values.map(({ type, value }) => [type, value]),
    [
      ['TypeError', 'inner'],
      ['Error', 'outer'],
    ],
  )
  assert.equal(event?.tags['service'], 'toy')
  assert.equal(event?.environment, 'staging')
})

test('no secret arrives, wherever the error held it', async () => {
  await using intake = await startIntake()
  const reporter = await reportTo(intake)
  console.info('toy', canary)
  const cause = Object.assign(new Error(`cause ${canary}`), { headers: { authorization: canary } })
  reporter.report(new Error(`with ${canary} and xoxb-1234-abcdef`, { cause }))
  reporter.report(`a text with ${canary}`)
  reporter.report({ an: canary })
  await reporter.flush(5000)
  assert.equal(intake.events.length, 3)
  assert.doesNotMatch(JSON.stringify(intake.events), /canary-4711|xoxb-/)
})

test('requests of the service carry none of its headers', async () => {
  await using intake = await startIntake()
  await using elsewhere = await startIntake()
  const reporter = await reportTo(intake)
  reporter.report(new Error('x'))
  const [response] = await once(request(elsewhere.url).end(), 'response')
  response.resume()
  await fetch(elsewhere.url)
  assert.equal(elsewhere.headers.length, 2)
  for (const headers of elsewhere.headers)
    assert.deepEqual(
      Object.keys(headers).filter((name) => /sentry|baggage|traceparent/.test(name)),
      [],
    )
})

test('an error that comes without end is reported thirty times a minute', async () => {
  await using intake = await startIntake()
  const reporter = await reportTo(intake)
  for (let times = 0; times < 100; times++) reporter.report(new Error(`number ${times}`))
  await reporter.flush(5000)
  assert.equal(intake.events.length, 30)
})

test('a flush ends when its time is up, though Sentry hangs', async () => {
  await using intake = await startIntake(() => undefined)
  const reporter = await reportTo(intake)
  reporter.report(new Error('x'))
  await eventually(() => assert.equal(intake.headers.length, 1))
  const started = performance.now()
  await reporter.flush(100)
  assert.ok(performance.now() - started < 5000)
})
