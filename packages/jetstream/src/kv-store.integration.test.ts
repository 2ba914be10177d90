import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Parsed } from '@hermod/contracts'
import { eventually, type NatsServer, startNatsServer } from '@hermod/testkit'
import {
  type Bucket,
  connectJetStream,
  type JetStreamConnection,
  type Log,
  MalformedEntry,
  MessageTooLarge,
  NewerVersion,
  openBucket,
  provision,
} from './index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

interface Counted {
  readonly version: 1
  readonly n: number
}

function parseCounted(data: unknown): Parsed<Counted> {
  const { version, n } = data as { version?: number; n?: unknown }
  if (version !== undefined && version > 1) return { kind: 'newer', version }
  return typeof n === 'number'
    ? { kind: 'ok', value: { version: 1, n } }
    : { kind: 'malformed', problem: 'n: expected a number' }
}

describe('bucket', () => {
  let server: NatsServer
  let connection: JetStreamConnection
  let bucket: Bucket<Counted>
  before(async () => {
    server = await startNatsServer()
    connection = await connectJetStream({ servers: [server.url], name: 'kv', log: quiet })
    await provision(connection, { partitions: 1, replicas: 1 })
    bucket = openBucket({ connection, bucket: 'rollouts', parse: parseCounted })
  })
  after(async () => {
    await connection[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })
  const counted = (n: number): Counted => ({ version: 1, n })

  test('what was saved is loaded, with the revision to save on', async () => {
    assert.equal(await bucket.load('0.c.n.a'), undefined)
    const kvRevision = await bucket.save('0.c.n.a', counted(1), undefined)
    assert.deepEqual(await bucket.load('0.c.n.a'), { value: counted(1), kvRevision })
  })

  test('what is written is heard of by its key, what is removed is not', async () => {
    const keys: string[] = []
    using _hearing = bucket.onWritten('0.heard.>', (key) => keys.push(key))
    await bucket.save('0.heard.a', counted(1), undefined)
    await bucket.remove('0.heard.a')
    await bucket.save('0.other', counted(1), undefined)
    await bucket.save('0.heard.b', counted(1), undefined)
    await eventually(() => assert.deepEqual(keys, ['0.heard.a', '0.heard.b']))
  })

  test('whoever saves second is told so and changes nothing', async () => {
    const first = await bucket.save('0.c.n.b', counted(1), undefined)
    assert.equal(await bucket.save('0.c.n.b', counted(2), undefined), undefined)
    const second = await bucket.save('0.c.n.b', counted(3), first)
    assert.equal(await bucket.save('0.c.n.b', counted(4), first), undefined)
    assert.deepEqual(await bucket.load('0.c.n.b'), { value: counted(3), kvRevision: second })
  })

  test('of many that save on the same revision exactly one succeeds', async () => {
    const first = await bucket.save('0.c.n.race', counted(0), undefined)
    const saved = await Promise.all(
      Array.from({ length: 20 }, (_, n) => bucket.save('0.c.n.race', counted(n + 1), first)),
    )
    assert.equal(saved.filter((revision) => revision !== undefined).length, 1)
  })

  test('a removed key is gone, and can be made again by one only', async () => {
    const first = await bucket.save('0.c.n.c', counted(1), undefined)
    assert.ok(first !== undefined)
    assert.equal(await bucket.remove('0.c.n.c', first - 1), false)
    assert.equal(await bucket.remove('0.c.n.c', first), true)
    assert.equal(await bucket.load('0.c.n.c'), undefined)
    assert.equal(await bucket.save('0.c.n.c', counted(2), first), undefined)
    const again = await Promise.all([
      bucket.save('0.c.n.c', counted(3), undefined),
      bucket.save('0.c.n.c', counted(4), undefined),
    ])
    assert.equal(again.filter((revision) => revision !== undefined).length, 1)
  })

  test('what a removed key leaves behind goes away by itself', async () => {
    await bucket.save('0.c.n.d', counted(1), undefined)
    await bucket.remove('0.c.n.d')
    const marker = await connection.manager.streams.getMessage('KV_rollouts', {
      last_by_subj: '$KV.rollouts.0.c.n.d',
    })
    assert.equal(marker?.header.get('Nats-TTL'), '10m')
  })

  test('keys are listed by filter without the right to create anything', async () => {
    const listed = openBucket({ connection, bucket: 'cards', parse: parseCounted })
    for (const key of ['open.C1.a', 'open.C1.b', 'open.C2.c', 'card.a'])
      await listed.save(key, counted(1), undefined)
    assert.deepEqual((await listed.keys('open.C1.*')).toSorted(), ['open.C1.a', 'open.C1.b'])
    assert.equal((await listed.keys()).length, 4)
    assert.deepEqual(await listed.keys('none.>'), [])
  })

  test('a value of a newer release is told apart from a malformed one, and neither from no value', async () => {
    const write = (key: string, text: string): Promise<unknown> =>
      connection.jetstream.publish(`$KV.rollouts.${key}`, text)
    await write('0.c.n.newer', '{"version":2}')
    await write('0.c.n.broken', '{"version":1}')
    await write('0.c.n.text', 'no json')
    await assert.rejects(bucket.load('0.c.n.newer'), NewerVersion)
    await assert.rejects(bucket.load('0.c.n.broken'), /0\.c\.n\.broken of bucket rollouts is malformed: n:/)
    await assert.rejects(bucket.load('0.c.n.text'), MalformedEntry)
  })

  test('a key that would reach beyond its bucket, and a value that is too large, are refused', async () => {
    for (const key of ['', '.a', 'a.', 'a..b', 'a.*', '>', 'a b'])
      await assert.rejects(bucket.load(key), TypeError)
    const huge = openBucket<string>({
      connection,
      bucket: 'leases',
      parse: () => ({ kind: 'malformed', problem: '' }),
    })
    for (const length of [70_000, 2_000_000])
      await assert.rejects(huge.save('k', 'x'.repeat(length), undefined), MessageTooLarge)
  })

  test('a write whose answer was lost is no conflict with itself', async () => {
    const obstacles: (string | undefined)[] = []
    const watched = openBucket({
      connection,
      bucket: 'rollouts',
      parse: parseCounted,
      report: (_, obstacle) => obstacles.push(obstacle),
    })
    const first = await watched.save('0.c.n.lost', counted(1), undefined)
    server.pause()
    const saving = watched.save('0.c.n.lost', counted(2), first)
    await eventually(() => assert.match(obstacles[0] ?? '', /does not answer/))
    // Awake again, the server carries out the first attempt too.
    server.resume()
    const saved = await saving
    assert.ok(saved !== undefined)
    assert.deepEqual(await watched.load('0.c.n.lost'), { value: counted(2), kvRevision: saved })
  })

  test('everything is done after an outage', async () => {
    await server.kill()
    const saving = bucket.save('0.c.n.outage', counted(7), undefined)
    const loading = bucket.load('0.c.n.a')
    await server.restart()
    assert.equal((await loading)?.value.n, 1)
    assert.ok((await saving) !== undefined)
  })

  test('an operation is given up when its signal is aborted', async () => {
    await server.kill()
    await assert.rejects(bucket.load('0.c.n.a', AbortSignal.timeout(50)), /timeout/i)
    await server.restart()
  })
})
