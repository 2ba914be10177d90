import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type DeadLetter, decodeEvent, type Parsed, parseDeadLetter } from '@hermod/contracts'
import { eventually, type NatsServer, startFaultProxy, startNatsServer } from '@hermod/testkit'
import {
  type ConsumeOptions,
  connectJetStream,
  consume,
  createPublisher,
  type Delivery,
  type JetStreamConnection,
  type Log,
  NewerVersion,
  type Outcome,
  type Publisher,
  provision,
} from './index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const done: Outcome = { kind: 'done' }
const decode = (body: Uint8Array): Parsed<string> => ({ kind: 'ok', value: new TextDecoder().decode(body) })

// Each test has a partition of its own, so that they can run at once.
describe('consume', { concurrency: true }, () => {
  let server: NatsServer
  let connection: JetStreamConnection
  let publisher: Publisher
  before(async () => {
    server = await startNatsServer()
    connection = await connectJetStream({ servers: [server.url], name: 'consume', log: quiet })
    await provision(connection, { partitions: 16, replicas: 1 })
    publisher = createPublisher({ connection, log: quiet })
  })
  after(async () => {
    await connection[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  const put = async (partition: number, ...bodies: readonly string[]): Promise<void> => {
    for (const body of bodies)
      await publisher.publish({
        subject: `hermod.observation.${partition}.c.n.web`,
        id: `${partition}-${body}`,
        body,
      })
  }
  const follow = (
    partition: number,
    handle: ConsumeOptions<string>['handle'],
    more: Partial<ConsumeOptions<string>> = {},
  ): AsyncDisposable =>
    consume({
      connection,
      stream: 'OBSERVATIONS',
      consumers: [`dedupe-${partition}`],
      service: 'dedupe',
      decode,
      handle,
      publisher,
      log: quiet,
      ...more,
    })
  const state = async (partition: number): Promise<{ waiting: number; unsettled: number }> => {
    const info = await connection.manager.consumers.info('OBSERVATIONS', `dedupe-${partition}`)
    return { waiting: info.num_pending, unsettled: info.num_ack_pending }
  }
  const settled = (partition: number): Promise<void> =>
    eventually(async () => {
      assert.deepEqual(await state(partition), { waiting: 0, unsettled: 0 })
    })
  const deadLetters = async (partition: number): Promise<readonly DeadLetter[]> => {
    const letters: DeadLetter[] = []
    const { state } = await connection.manager.streams.info('DEAD_LETTERS')
    for (let seq = Math.max(state.first_seq, 1); seq <= state.last_seq; seq++) {
      const stored = await connection.manager.streams.getMessage('DEAD_LETTERS', { seq })
      const parsed = decodeEvent(stored?.string() ?? '', parseDeadLetter)
      assert.ok(parsed.kind === 'ok', JSON.stringify(parsed))
      if (parsed.value.data.consumer === `dedupe-${partition}`) letters.push(parsed.value.data)
    }
    return letters
  }

  test('hands over messages in order, one at a time, with what is known of them', async () => {
    const seen: [string, Delivery][] = []
    await put(0, 'a', 'b', 'c')
    await using _loop = follow(0, async (value, delivery) => {
      seen.push([value, delivery])
      await delay(5)
      return done
    })
    await settled(0)
    assert.deepEqual(
      seen.map(([value, { id, deliverySequence, deliveries }]) => [value, id, deliverySequence, deliveries]),
      [
        ['a', '0-a', 1, 1],
        ['b', '0-b', 2, 1],
        ['c', '0-c', 3, 1],
      ],
    )
    const [, first] = seen[0] ?? []
    const stored = await connection.manager.streams.getMessage('OBSERVATIONS', {
      seq: first?.sequence ?? 0,
    })
    assert.equal(first?.streamTimestampMs, stored?.time.getTime())
    assert.equal(first?.subject, 'hermod.observation.0.c.n.web')
  })

  test('a message that always throws is tried six times, then a dead letter, and the next one flows', async () => {
    const seen: string[] = []
    const faults: unknown[] = []
    await put(1, 'poison', 'next')
    const handle: ConsumeOptions<string>['handle'] = (value) => {
      seen.push(value)
      return value === 'poison' ? Promise.reject(new Error('boom')) : Promise.resolve(done)
    }
    await using _loop = follow(1, handle, { onFault: (error) => faults.push(error) })
    await settled(1)
    assert.deepEqual(faults.map(String), Array<string>(6).fill('Error: boom'))
    assert.deepEqual(seen, [...Array<string>(6).fill('poison'), 'next'])
    const [letter, ...others] = await deadLetters(1)
    assert.deepEqual(others, [])
    assert.equal(letter?.reason, 'failed 6 times: boom')
    assert.equal(letter?.service, 'dedupe')
    assert.equal(letter?.headers['nats-msg-id'], '1-poison')
    assert.equal(Buffer.from(letter?.payload ?? '', 'base64').toString(), 'poison')
  })

  test('a malformed and a rejected message are dead letters with their reasons', async () => {
    await put(2, 'malformed', 'rejected', 'good')
    await using _loop = follow(
      2,
      (value) => Promise.resolve(value === 'rejected' ? { kind: 'reject', reason: 'unknown cluster' } : done),
      {
        decode: (body) => {
          const value = new TextDecoder().decode(body)
          return value === 'malformed'
            ? { kind: 'malformed', problem: 'name: missing' }
            : { kind: 'ok', value }
        },
      },
    )
    await settled(2)
    assert.deepEqual(
      (await deadLetters(2)).map(({ reason }) => reason),
      ['malformed: name: missing', 'unknown cluster'],
    )
  })

  test('a message of a newer version is held and told, and an upgraded reader has it at once', async () => {
    await put(3, 'newer')
    const obstacles: (string | undefined)[] = []
    {
      await using _old = follow(3, () => Promise.resolve(done), {
        decode: () => ({ kind: 'newer', version: 2 }),
        report: (_, obstacle) => obstacles.push(obstacle),
      })
      await eventually(() => assert.match(obstacles[0] ?? '', /version 2, .* needs an upgrade/))
    }
    const seen: Delivery[] = []
    const upgradedAt = performance.now()
    await using _upgraded = follow(3, (_, delivery) => {
      seen.push(delivery)
      return Promise.resolve(done)
    })
    await settled(3)
    assert.equal(seen.length, 1)
    assert.ok(performance.now() - upgradedAt < 2_000)
    assert.deepEqual(await deadLetters(3), [])
  })

  test('a stored value of a newer version holds the message just so', async () => {
    await put(4, 'a')
    const obstacles: (string | undefined)[] = []
    await using _loop = follow(4, () => Promise.reject(new NewerVersion('key 4.c.n.web', 3)), {
      report: (_, obstacle) => obstacles.push(obstacle),
    })
    await eventually(() => assert.match(obstacles[0] ?? '', /key 4\.c\.n\.web has version 3/))
    assert.deepEqual(await state(4), { waiting: 0, unsettled: 1 })
  })

  test('an outage that the handler tells of is waited for, however often', async () => {
    await put(5, 'a')
    let tries = 0
    await using _loop = follow(5, () => {
      tries++
      if (tries <= 3) return Promise.resolve({ kind: 'retry', reason: 'cache is away' })
      if (tries <= 12) return Promise.resolve({ kind: 'retry', reason: 'busy', afterMs: 1 })
      // None of the former counts as the message's own fault.
      return tries <= 14 ? Promise.reject(new Error('boom')) : Promise.resolve(done)
    })
    await settled(5)
    assert.equal(tries, 15)
    assert.deepEqual(await deadLetters(5), [])
  })

  test('a handler slower than ack_wait is not disturbed, and no second replica gets its message', async () => {
    await put(6, 'slow')
    await using other = await connectJetStream({ servers: [server.url], name: 'other', log: quiet })
    const started: string[] = []
    const handle = (replica: string) => async (): Promise<Outcome> => {
      started.push(replica)
      await delay(4_000)
      return done
    }
    await using _a = follow(6, handle('a'))
    await using _b = follow(6, handle('b'), { connection: other })
    await settled(6)
    assert.equal(started.length, 1)
  })

  test('two replicas share the work and never have two messages of a partition at once', async () => {
    await using other = await connectJetStream({ servers: [server.url], name: 'other', log: quiet })
    const bodies = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'))
    let atOnce = 0
    const seen: string[] = []
    const handle = async (value: string): Promise<Outcome> => {
      atOnce++
      assert.equal(atOnce, 1)
      await delay(2)
      atOnce--
      seen.push(value)
      return done
    }
    await using _a = follow(7, handle)
    await using _b = follow(7, handle, { connection: other })
    await put(7, ...bodies)
    await settled(7)
    assert.deepEqual(seen, bodies)
  })

  test('goes on when its consumer was deleted and made again, and says so meanwhile', async () => {
    const obstacles: (string | undefined)[] = []
    const seen = new Set<string>()
    await using _loop = follow(
      8,
      (value) => {
        seen.add(value)
        return Promise.resolve(done)
      },
      { report: (_, obstacle) => obstacles.push(obstacle) },
    )
    await put(8, 'before')
    await eventually(() => assert.ok(seen.has('before')))
    await connection.manager.consumers.delete('OBSERVATIONS', 'dedupe-8')
    await eventually(() => assert.match(obstacles.at(-1) ?? '', /consumer dedupe-8 of OBSERVATIONS: /))
    await put(8, 'after')
    await provision(connection, { partitions: 16, replicas: 1 })
    await eventually(() => assert.ok(seen.has('after')))
    assert.equal(obstacles.at(-1), undefined)
  })

  test('a handler that runs at disposal may finish; its message is settled', async () => {
    await put(9, 'a')
    const running = Promise.withResolvers<void>()
    const loop = follow(9, async () => {
      running.resolve()
      await delay(300)
      return done
    })
    await running.promise
    await loop[Symbol.asyncDispose]()
    assert.deepEqual(await state(9), { waiting: 0, unsettled: 0 })
  })

  test('a handler that hangs at disposal is left behind; another replica has its message at once', async () => {
    await put(10, 'a')
    const running = Promise.withResolvers<AbortSignal>()
    const loop = follow(
      10,
      (_, __, signal) => {
        running.resolve(signal)
        return new Promise<Outcome>(() => {})
      },
      { graceMs: 100 },
    )
    const signal = await running.promise
    await loop[Symbol.asyncDispose]()
    assert.equal(signal.aborted, true)
    const seen: Delivery[] = []
    const since = performance.now()
    await using _other = follow(10, (_, delivery) => {
      seen.push(delivery)
      return Promise.resolve(done)
    })
    await settled(10)
    assert.equal(seen[0]?.redelivered, true)
    assert.ok(performance.now() - since < 2_000)
  })

  test('a message given out a hundred times without an outcome is not tried again', async () => {
    await put(11, 'killer', 'next')
    for (let i = 0; i < 101; i++) {
      const subject = '$JS.API.CONSUMER.MSG.NEXT.OBSERVATIONS.dedupe-11'
      const message = await connection.nats.request(subject, '1', { timeout: 2_000, noMux: true })
      message.respond('-NAK')
    }
    const seen: string[] = []
    await using _loop = follow(11, (value) => {
      seen.push(value)
      return Promise.resolve(done)
    })
    await settled(11)
    assert.deepEqual(seen, ['next'])
    assert.match((await deadLetters(11))[0]?.reason ?? '', /delivered 102 times without an outcome/)
  })

  test('several messages of one consumer may be under way at once where that is asked for', async () => {
    const bodies = Array.from({ length: 8 }, (_, i) => `cache-${i}`)
    for (const body of bodies)
      await publisher.publish({ subject: 'hermod.rollout.0.c.n.web.started', id: body, body })
    const all = Promise.withResolvers<void>()
    let atOnce = 0
    await using _loop = consume({
      connection,
      stream: 'ROLLOUTS',
      consumers: ['cache'],
      service: 'dedupe',
      decode,
      handle: async () => {
        if (++atOnce === bodies.length) all.resolve()
        await all.promise
        return done
      },
      publisher,
      log: quiet,
      concurrency: bodies.length,
    })
    await all.promise
  })

  test('one word acknowledges a message and asks for the next', async () => {
    await using link = await connectJetStream({ servers: [server.url], name: 'frugal', log: quiet })
    const bodies = Array.from({ length: 50 }, (_, i) => `frugal-${i}`)
    await put(12, ...bodies)
    await using _loop = follow(12, () => Promise.resolve(done), { connection: link })
    await settled(12)
    const { outMsgs } = link.nats.stats()
    assert.ok(outMsgs < bodies.length + 10, `${outMsgs} messages were sent`)
  })

  test('an acknowledgement that the lost link swallowed is repeated, so nothing comes twice', async () => {
    await using proxy = await startFaultProxy({ upstream: { host: '127.0.0.1', port: server.port } })
    await using link = await connectJetStream({
      servers: [`nats://${proxy.address}`],
      name: 'cut',
      log: quiet,
    })
    const seen: string[] = []
    await using _loop = follow(
      13,
      (value) => {
        seen.push(value)
        if (value === 'a') proxy.resetAll()
        return Promise.resolve(done)
      },
      { connection: link },
    )
    await put(13, 'a', 'b')
    await settled(13)
    assert.deepEqual(seen, ['a', 'b'])
  })

  test('a server that falls silent is noticed by its heartbeats, and asked anew when it is back', async () => {
    await using frozen = await startNatsServer()
    await using link = await connectJetStream({ servers: [frozen.url], name: 'frozen', log: quiet })
    await provision(link, { partitions: 1, replicas: 1 })
    const obstacles: (string | undefined)[] = []
    const seen: string[] = []
    await using _loop = follow(
      0,
      (value) => {
        seen.push(value)
        return Promise.resolve(done)
      },
      { connection: link, report: (_, obstacle) => obstacles.push(obstacle) },
    )
    frozen.pause()
    await eventually(() => assert.match(obstacles[0] ?? '', /missed its heartbeats/), { timeoutMs: 15_000 })
    frozen.resume()
    const other = createPublisher({ connection: link, log: quiet })
    await other.publish({ subject: 'hermod.observation.0.c.n.web', id: 'x', body: 'x' })
    await eventually(() => assert.deepEqual(seen, ['x']))
  })
})
