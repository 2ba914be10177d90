import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deadLetterSubject, deadLetterVersion, encodeEvent, observationSubject } from '@hermod/contracts'
import { connectJetStream, createPublisher, provision } from '@hermod/jetstream'
import type { RunCommand } from '@hermod/runtime'
import { startNatsServer } from '@hermod/testkit'
import { deadLetters } from '../../packages/jetstream/src/dead-letters.ts'
import { parked } from '../../services/notifier/src/parked.ts'
import { replay } from '../../services/notifier/src/replay.ts'
import { asUser, type NatsUser, shippedAuthorization } from './shipped-authorization.ts'

const ignore = (): void => undefined
const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore }

test('the operator’s tools do with the operator’s rights what they are there for', async () => {
  await using nats = await startNatsServer({ config: shippedAuthorization('test') })
  const connectAs = async (user: NatsUser) => {
    const { NATS_PASSWORD: password } = asUser(user)
    const credentials = () => ({ kind: 'password', user, password }) as const
    return await connectJetStream({ servers: [nats.url], user, credentials, name: 'test', log: quiet })
  }
  await using admin = await connectAs('provision')
  await provision(admin, { partitions: 4, replicas: 1 })
  await using dedupe = await connectAs('dedupe')
  const at = new Date().toISOString()
  const letter = {
    version: deadLetterVersion,
    service: 'dedupe',
    stream: 'OBSERVATIONS',
    consumer: 'dedupe-0',
    sequence: 1,
    subject: observationSubject({ cluster: 'test', namespace: 'shop', name: 'web' }, 4),
    reason: 'of no use',
    deliveries: 1,
    headers: {},
    payload: Buffer.from('{}').toString('base64'),
    at,
  }
  const event = {
    id: 'one',
    source: '/hermod/dedupe',
    type: 'dead-letter',
    subject: 'x',
    time: at,
    data: letter,
  } as const
  await createPublisher({ connection: dedupe, log: quiet }).publish({
    subject: deadLetterSubject('dedupe', 'OBSERVATIONS'),
    id: 'one',
    body: encodeEvent(event),
  })

  const ask = async (run: RunCommand, ...args: readonly string[]): Promise<string> => {
    const said: string[] = []
    const say = (line: string): unknown => said.push(line)
    const env = { ...asUser('operator'), NATS_URL: nats.url }
    await run({ env, args, print: say, complain: say, signal: new AbortController().signal })
    return said.join('\n')
  }
  assert.match(await ask(deadLetters, 'list'), /^1 .* of no use$/)
  assert.match(await ask(deadLetters, 'redrive', '1'), /^1: sent to hermod\.observation\./)
  assert.match(await ask(parked, 'list'), /nothing is parked/)
  assert.match(await ask(parked, 'retry', '--all'), /no notifier heard it/)
  assert.match(await ask(replay), /^0 rollouts; nothing was sent/)
})

test('with the rights of another they say what is forbidden, at once', async () => {
  await using nats = await startNatsServer({ config: shippedAuthorization('test') })
  const errors: string[] = []
  const env = { ...asUser('reader'), NATS_URL: nats.url }
  const { signal } = new AbortController()
  const code = await deadLetters({
    env,
    args: ['list'],
    print: ignore,
    complain: (line) => errors.push(line),
    signal,
  })
  assert.equal(code, 2)
  assert.match(
    errors.join(),
    /NATS forbids to publish to \$JS\.API\.STREAM\.INFO\.DEAD_LETTERS.*: use a user that may/,
  )
})
