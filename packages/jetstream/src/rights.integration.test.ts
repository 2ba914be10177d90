import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { consumersFor } from '@hermod/contracts'
import { eventually, type NatsServer, startNatsServer } from '@hermod/testkit'
import { nkeys } from '@nats-io/transport-node'
import {
  type Credentials,
  connectJetStream,
  consume,
  createPublisher,
  holdLease,
  type JetStreamConnection,
  type Log,
  openBucket,
  provision,
  readPartitions,
} from './index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

// All that a service needs of a stream it reads, a stream it writes, a bucket of its own and its lease.
const rights = [
  '$JS.API.STREAM.INFO.OBSERVATIONS',
  '$JS.API.CONSUMER.MSG.NEXT.OBSERVATIONS.*',
  '$JS.ACK.OBSERVATIONS.>',
  '$JS.ACK.*.*.OBSERVATIONS.>',
  'hermod.rollout.>',
  'hermod.dead-letter.dedupe.>',
  '$JS.API.STREAM.INFO.KV_rollouts',
  '$JS.API.STREAM.MSG.GET.KV_rollouts',
  '$KV.rollouts.>',
  '$JS.API.STREAM.MSG.GET.KV_leases',
  '$KV.leases.cache',
]

describe('least rights', () => {
  const pair = nkeys.createUser()
  const seed = new TextDecoder().decode(pair.getSeed())
  let server: NatsServer
  let admin: JetStreamConnection
  const connect = (user: string, credentials: Credentials, log = quiet): Promise<JetStreamConnection> =>
    connectJetStream({ servers: [server.url], name: user, user, credentials: () => credentials, log })
  const dedupe = (log?: Log): Promise<JetStreamConnection> =>
    connect('dedupe', { kind: 'password', user: 'dedupe', password: 'd' }, log)

  before(async () => {
    const allowed = (user: string): string =>
      `permissions: { publish: ${JSON.stringify(rights)}, subscribe: ["_INBOX_${user}.>"] }`
    server = await startNatsServer({
      config: `authorization { users: [
        { user: admin, password: a }
        { user: dedupe, password: d, ${allowed('dedupe')} }
        { nkey: ${pair.getPublicKey()}, ${allowed('by-nkey')} }
      ] }`,
    })
    admin = await connect('admin', { kind: 'password', user: 'admin', password: 'a' })
    await provision(admin, { partitions: 2, replicas: 1 })
  })
  after(async () => {
    await admin[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  test('a service does all its work with rights to its own subjects, and with none to create', async () => {
    const refusals: string[] = []
    const log: Log = { ...quiet, error: (_, message) => refusals.push(message) }
    await using connection = await dedupe(log)
    assert.equal(await readPartitions(connection, 'OBSERVATIONS'), 2)
    const publisher = createPublisher({ connection, log: quiet })
    const bucket = openBucket<string>({
      connection,
      bucket: 'rollouts',
      parse: (data) => ({ kind: 'ok', value: String(data) }),
    })
    const held = Promise.withResolvers<void>()
    await using _lease = holdLease({
      connection,
      key: 'cache',
      log: quiet,
      run: async () => {
        held.resolve()
      },
    })
    await using _loop = consume({
      connection,
      stream: 'OBSERVATIONS',
      consumers: consumersFor(2).flatMap(({ stream, name }) => (stream === 'OBSERVATIONS' ? [name] : [])),
      service: 'dedupe',
      decode: (body) => ({ kind: 'ok', value: new TextDecoder().decode(body) }),
      handle: async (value) => {
        if (value === 'bad') return { kind: 'reject', reason: 'bad' }
        await bucket.save('0.c.n.web', value, (await bucket.load('0.c.n.web'))?.kvRevision)
        await publisher.publish({ subject: 'hermod.rollout.0.c.n.web.started', id: value, body: value })
        return { kind: 'done' }
      },
      publisher,
      log: quiet,
    })
    const source = createPublisher({ connection: admin, log: quiet })
    for (const body of ['bad', 'good'])
      await source.publish({ subject: 'hermod.observation.0.c.n.web', id: body, body })
    await eventually(async () => assert.equal((await bucket.load('0.c.n.web'))?.value, 'good'))
    assert.deepEqual(await bucket.keys(), ['0.c.n.web'])
    assert.equal(await bucket.remove('0.c.n.web'), true)
    await held.promise
    const deadLetters = await admin.manager.streams.info('DEAD_LETTERS')
    assert.equal(deadLetters.state.messages, 1)
    assert.deepEqual(refusals, [])
  })

  test('it can neither make, change, purge nor delete anything, nor read what is not its own', async () => {
    await using connection = await dedupe()
    for (const subject of [
      'hermod.observation.0.c.n.web',
      '$JS.API.STREAM.CREATE.MINE',
      '$JS.API.STREAM.UPDATE.OBSERVATIONS',
      '$JS.API.STREAM.PURGE.OBSERVATIONS',
      '$JS.API.STREAM.DELETE.OBSERVATIONS',
      '$JS.API.STREAM.MSG.DELETE.OBSERVATIONS',
      '$JS.API.CONSUMER.CREATE.OBSERVATIONS',
      '$JS.API.CONSUMER.DELETE.OBSERVATIONS.dedupe-0',
      '$JS.API.CONSUMER.MSG.NEXT.ROLLOUTS.notifier-0',
      '$JS.API.STREAM.MSG.GET.KV_cards',
      '$KV.cards.x',
      '$KV.leases.delivery',
    ]) {
      const asking = connection.nats.request(subject, '{}', { timeout: 2_000 })
      await assert.rejects(asking, /permissions violation/i, subject)
    }
  })

  test('an nkey proves a user as well as a password', async () => {
    await using connection = await connect('by-nkey', { kind: 'nkey', seed: `${seed}\n` })
    assert.equal(await readPartitions(connection, 'OBSERVATIONS'), 2)
  })

  test('where TLS is insisted on, a server without it is never spoken to', async () => {
    const abort = new AbortController()
    using _end = { [Symbol.dispose]: () => abort.abort(new Error('enough')) }
    const obstacles: (string | undefined)[] = []
    const connecting = connectJetStream({
      servers: [server.url.replace('nats://', 'tls://')],
      name: 'tls',
      user: 'dedupe',
      credentials: () => ({ kind: 'password', user: 'dedupe', password: 'd' }),
      log: quiet,
      signal: abort.signal,
      report: (_, obstacle) => obstacles.push(obstacle),
    })
    await eventually(() => assert.match(obstacles[0] ?? '', /does not support 'tls'/))
    abort.abort(new Error('enough'))
    await assert.rejects(connecting, /enough/)
  })
})
