import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually, type NatsServer, startNatsServer } from '@hermod/testkit'
import {
  connectJetStream,
  createPublisher,
  type JetStreamConnection,
  type Log,
  MessageTooLarge,
  provision,
} from './index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const subject = 'hermod.observation.0.c.n.web'

describe('publish', () => {
  let server: NatsServer
  let connection: JetStreamConnection
  before(async () => {
    server = await startNatsServer()
    connection = await connectJetStream({ servers: [server.url], name: 'publish', log: quiet })
    await provision(connection, { partitions: 1, replicas: 1 })
  })
  after(async () => {
    await connection[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  test('answers with the place in the stream, and knows a message it has already', async () => {
    const publisher = createPublisher({ connection, log: quiet })
    const message = { subject, id: 'one', body: 'x', headers: { 'content-type': 'text/plain' } }
    const first = await publisher.publish(message)
    assert.equal(first.duplicate, false)
    assert.deepEqual(await publisher.publish(message), { ...first, duplicate: true })
    const stored = await connection.manager.streams.getMessage(first.stream, { seq: first.sequence })
    assert.equal(stored?.header.get('content-type'), 'text/plain')
  })

  test('stores once what was published while the server was killed and came back', async () => {
    const publisher = createPublisher({ connection, log: quiet })
    const before = await connection.manager.streams.info('OBSERVATIONS')
    await server.kill()
    const publishing = Array.from({ length: 300 }, (_, i) =>
      publisher.publish({ subject: `${subject}-${i}`, id: `kill-${i}`, body: String(i) }),
    )
    await server.restart()
    const sequences = new Set((await Promise.all(publishing)).map(({ sequence }) => sequence))
    assert.equal(sequences.size, 300)
    const after = await connection.manager.streams.info('OBSERVATIONS')
    assert.equal(after.state.messages - before.state.messages, 300)
  })

  test('waits out a full stream and says what is full', async () => {
    const obstacles: (string | undefined)[] = []
    const publisher = createPublisher({
      connection,
      log: quiet,
      report: (part, obstacle) => obstacles.push(`${part}: ${obstacle}`),
    })
    const { max_bytes } = (await connection.manager.streams.info('DELIVERIES')).config
    await connection.manager.streams.update('DELIVERIES', { max_bytes: 1 })
    const publishing = publisher.publish({ subject: 'hermod.delivery.0.c.n.web', id: 'full', body: 'x' })
    await eventually(() => assert.match(obstacles[0] ?? '', /publishing: .*the stream is full/))
    await connection.manager.streams.update('DELIVERIES', { max_bytes })
    assert.equal((await publishing).stream, 'DELIVERIES')
    assert.equal(obstacles.at(-1), 'publishing: undefined')
  })

  test('waits for a stream that is missing until it is made', async () => {
    const obstacles: (string | undefined)[] = []
    const publisher = createPublisher({
      connection,
      log: quiet,
      report: (_, obstacle) => obstacles.push(obstacle),
    })
    await connection.manager.streams.delete('ROLLOUTS')
    const publishing = publisher.publish({ subject: 'hermod.rollout.0.c.n.web.started', id: 'a', body: '' })
    await eventually(() => assert.match(obstacles[0] ?? '', /run hermod-provision/))
    await provision(connection, { partitions: 1, replicas: 1 })
    assert.equal((await publishing).sequence, 1)
  })

  test('throws what is too large, for the stream or for the server, instead of trying on', async () => {
    const publisher = createPublisher({ connection, log: quiet })
    for (const bytes of [600 * 1024, 2 * 1024 * 1024]) {
      const message = { subject, id: `large-${bytes}`, body: new Uint8Array(bytes) }
      await assert.rejects(publisher.publish(message), MessageTooLarge)
    }
  })

  test('ends with the reason of an aborted signal, also in the queue for a slot', async () => {
    const publisher = createPublisher({ connection, log: quiet })
    const abort = new AbortController()
    await server.kill()
    const publishing = Array.from({ length: 300 }, (_, i) =>
      publisher.publish({ subject, id: `abort-${i}`, body: '' }, abort.signal),
    )
    abort.abort(new Error('enough'))
    const results = await Promise.allSettled(publishing)
    assert.ok(results.every(({ status }) => status === 'rejected'))
    await server.restart()
    const receipt = await publisher.publish({ subject, id: 'after', body: '' })
    assert.equal(receipt.duplicate, false)
  })
})
