import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually, type NatsServer, startNatsServer, startProcess } from '@hermod/testkit'
import {
  connectJetStream,
  type JetStreamConnection,
  type Log,
  openBucket,
  provision,
  readPartitions,
} from './index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const installation = { partitions: 4, replicas: 1, readers: ['reader'] }
const nothing = { made: [], repaired: [], refused: [] }

describe('provision', () => {
  let server: NatsServer
  let connection: JetStreamConnection
  before(async () => {
    server = await startNatsServer()
    connection = await connectJetStream({ servers: [server.url], name: 'provision', log: quiet })
  })
  after(async () => {
    await connection[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  test('makes what is missing, then finds nothing to do', async () => {
    const first = await provision(connection, installation)
    assert.equal(first.made.length, 4 + 6 + 2 * 4 + 2)
    const { fill, ...second } = await provision(connection, installation)
    assert.deepEqual(second, nothing)
    assert.equal(fill.get('OBSERVATIONS'), 0)
    assert.equal(await readPartitions(connection, 'OBSERVATIONS'), 4)
  })

  test('mends limits that somebody changed and leaves their additions alone', async () => {
    const { streams, consumers } = connection.manager
    const { metadata } = (await streams.info('ROLLOUTS')).config
    await streams.update('ROLLOUTS', { max_age: 3_600_000_000_000, metadata: { ...metadata, team: 'x' } })
    await consumers.update('ROLLOUTS', 'notifier-1', { ack_wait: 30_000_000_000 })
    const { repaired } = await provision(connection, installation)
    assert.deepEqual(repaired, [
      'stream ROLLOUTS: max_age is 3600000000000, wanted 1209600000000000',
      'consumer notifier-1 of ROLLOUTS: ack_wait is 30000000000, wanted 2500000000',
    ])
    const { config } = await streams.info('ROLLOUTS')
    assert.equal(config.metadata?.['team'], 'x')
    const { fill: _, ...after } = await provision(connection, installation)
    assert.deepEqual(after, nothing)
  })

  test('refuses another number of partitions, with the difference, and makes no consumers for it', async () => {
    const { made, refused } = await provision(connection, { ...installation, partitions: 5 })
    assert.deepEqual(made, [])
    assert.deepEqual(refused[0], 'stream OBSERVATIONS: metadata.hermod-partitions is "4", wanted "5"')
    assert.equal(refused.length, 3)
  })

  test('refuses a stream of another kind, and still mends the others', async () => {
    const { streams } = connection.manager
    await streams.delete('DELIVERIES')
    await streams.delete('DEAD_LETTERS')
    await streams.add({ name: 'DELIVERIES', subjects: ['hermod.delivery.>'], retention: 'workqueue' })
    const { made, refused } = await provision(connection, installation)
    assert.deepEqual(made, ['stream DEAD_LETTERS'])
    assert.match(refused.join(), /^stream DELIVERIES: retention is "workqueue", wanted "limits"/)
    await streams.delete('DELIVERIES')
    await provision(connection, installation)
  })

  test('a bucket republishes its keys for plain subscribers, also that one was removed', async () => {
    const states = connection.nats.subscribe('hermod.state.>')
    const seen: string[] = []
    void (async () => {
      for await (const { subject, headers, data } of states)
        seen.push(`${subject} ${headers?.get('KV-Operation')} ${data.length}`)
    })()
    await connection.jetstream.publish('$KV.rollouts.3.c.n.web', '{}')
    await openBucket({ connection, bucket: 'rollouts', parse: (value) => ({ kind: 'ok', value }) }).remove(
      '3.c.n.web',
    )
    await eventually(() => assert.deepEqual(seen, ['hermod.state.c.n.web  2', 'hermod.state.c.n.web DEL 0']))
    states.unsubscribe()
  })

  const main = fileURLToPath(new URL('provision-main.ts', import.meta.url))
  const settings = (): Record<string, string> => ({
    NATS_URL: server.url,
    HTTP_PORT: '0',
    PARTITIONS: '4',
  })

  test('the process makes everything once and ends well', async () => {
    await using once = await startProcess(process.execPath, [main], { env: settings() })
    await eventually(() => assert.equal(once.running, false))
    assert.doesNotMatch(once.output, /refused|error/i)
  })

  test('the process ends with the remedy when something must not be changed', async () => {
    await using once = await startProcess(process.execPath, [main], {
      env: { ...settings(), PARTITIONS: '8' },
    })
    await eventually(() => assert.equal(once.running, false))
    assert.equal(once.exitCode, 2)
    assert.match(once.output, /metadata\.hermod-partitions is \\?"4\\?", wanted \\?"8\\?"/)
    assert.match(once.output, /delete the stream and provision anew/)
  })

  test('a stream that is lost is made again without a hand', async () => {
    await using _every = await startProcess(process.execPath, [main, '--every', '1s'], { env: settings() })
    const { streams, consumers } = connection.manager
    await eventually(() => assert.match(_every.output, /started/))
    await streams.delete('OBSERVATIONS')
    await eventually(async () => assert.ok(await consumers.info('OBSERVATIONS', 'dedupe-3')))
  })
})
