import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import { eventually, type FakeSentry, startFakeSentry } from '@hermod/testkit'
import { createScrubber } from './scrubber.ts'
import { Secret } from './secret.ts'
import { type ErrorReporter, startSentry } from './sentry.ts'

const canary = 'canary-4711'

interface SentEvent {
  readonly environment: string
  readonly tags: Record<string, string>
  readonly exception: { readonly values: readonly { readonly type: string; readonly value: string }[] }
}

function eventsOf(intake: FakeSentry): readonly SentEvent[] {
  return intake.items('event') as SentEvent[]
}

function reportTo({ dsn }: FakeSentry): Promise<ErrorReporter> {
  const scrubber = createScrubber()
  scrubber.add(Secret.of(canary))
  return startSentry({ dsn, environment: 'staging', service: 'toy', scrubber })
}

test('a report arrives with its causes, its service and its environment', async () => {
  await using intake = await startFakeSentry()
  const reporter = await reportTo(intake)
  reporter.report(new Error('outer', { cause: new TypeError('inner') }))
  await reporter.flush(5000)
  const [event] = eventsOf(intake)
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
  await using intake = await startFakeSentry()
  const reporter = await reportTo(intake)
  const cause = Object.assign(new Error(`cause ${canary}`), { headers: { authorization: canary } })
  reporter.report(new Error(`with ${canary} and xoxb-1234-abcdef`, { cause }))
  reporter.report(`a text with ${canary}`)
  reporter.report({ an: canary })
  await reporter.flush(5000)
  assert.equal(eventsOf(intake).length, 3)
  assert.doesNotMatch(JSON.stringify(intake.envelopes), /canary-4711|xoxb-/)
})

test('requests of the service carry none of its headers', async () => {
  await using intake = await startFakeSentry()
  await using elsewhere = await startFakeSentry()
  const url = `http://127.0.0.1:${elsewhere.port}/`
  const reporter = await reportTo(intake)
  reporter.report(new Error('x'))
  const [response] = await once(request(url).end(), 'response')
  response.resume()
  await fetch(url)
  assert.equal(elsewhere.requests.length, 2)
  for (const { headers } of elsewhere.requests)
    assert.deepEqual(
      Object.keys(headers).filter((name) => /sentry|baggage|traceparent/.test(name)),
      [],
    )
})

test('an error that comes without end is reported thirty times a minute', async () => {
  await using intake = await startFakeSentry()
  const reporter = await reportTo(intake)
  for (let times = 0; times < 100; times++) reporter.report(new Error(`number ${times}`))
  await reporter.flush(5000)
  assert.equal(eventsOf(intake).length, 30)
})

test('a flush ends when its time is up, though Sentry hangs', async () => {
  await using intake = await startFakeSentry()
  intake.inject({ kind: 'hang' })
  const reporter = await reportTo(intake)
  reporter.report(new Error('x'))
  await eventually(() => assert.equal(intake.requests.length, 1))
  const started = performance.now()
  await reporter.flush(100)
  assert.ok(performance.now() - started < 5000)
})
