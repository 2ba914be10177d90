import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { consumersFor, observationSubject, partitionOf, streams } from '@hermod/contracts'
import { eventually, startNatsServer } from '@hermod/testkit'
import { connectJetStream, consume, createPublisher, type Log, provision } from './index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const kills = 30
const partitions = 4
const keys = Array.from({ length: 24 }, (_, i) => ({ cluster: 'c', namespace: 'n', name: `web-${i}` }))

interface Numbered {
  readonly name: string
  readonly n: number
}

/** What came out, across all replicas: a number is first processed only after the one before it. */
class Ledger {
  readonly last = new Map<string, number>()
  readonly disorder: string[] = []
  readonly progressAt = new Map<number, number>()
  repeats = 0

  take({ name, n }: Numbered): void {
    const last = this.last.get(name) ?? 0
    if (n > last + 1) this.disorder.push(`${name}: ${n} after ${last}`)
    if (n <= last) this.repeats++
    else this.last.set(name, n)
    this.progressAt.set(partitionOf({ cluster: 'c', namespace: 'n', name }, partitions), performance.now())
  }
}

test('thirty kills of the server under load lose nothing, keep the order and stop no partition for 3 s', async (t) => {
  await using server = await startNatsServer()
  const connect = (name: string) => connectJetStream({ servers: [server.url], name, log: quiet })
  await using writer = await connect('writer')
  await provision(writer, { partitions, replicas: 1 })

  const ledger = new Ledger()
  await using replicaA = await connect('replica-a')
  await using replicaB = await connect('replica-b')
  const names = consumersFor(partitions).filter(({ stream }) => stream === streams.observations.name)
  const follow = (connection: typeof replicaA): AsyncDisposable =>
    consume({
      connection,
      stream: streams.observations.name,
      consumers: names.map(({ name }) => name),
      service: 'dedupe',
      decode: (body) => ({ kind: 'ok', value: JSON.parse(new TextDecoder().decode(body)) as Numbered }),
      handle: async (value) => {
        await delay(1)
        ledger.take(value)
        return { kind: 'done' }
      },
      publisher: createPublisher({ connection, log: quiet }),
      log: quiet,
    })
  await using _a = follow(replicaA)
  await using _b = follow(replicaB)

  const acknowledged = new Map<string, number>()
  const stop = new AbortController()
  const publisher = createPublisher({ connection: writer, log: quiet })
  const load = keys.map(async (key) => {
    for (let n = 1; !stop.signal.aborted; n++) {
      const body = JSON.stringify({ name: key.name, n })
      await publisher.publish({ subject: observationSubject(key, partitions), id: `${key.name}-${n}`, body })
      acknowledged.set(key.name, n)
      // Behind by 256 a Deployment's oldest observations give way to newer ones: not what is tested here.
      await delay(n - (ledger.last.get(key.name) ?? 0) > 64 ? 200 : 15)
    }
  })

  const returns: number[] = []
  for (let kill = 1; kill <= kills; kill++) {
    await delay(100)
    await server.kill()
    await server.restart()
    const back = performance.now()
    await eventually(
      () => {
        for (let p = 0; p < partitions; p++)
          assert.ok((ledger.progressAt.get(p) ?? 0) > back, `partition ${p} stands still after kill ${kill}`)
      },
      { timeoutMs: 3_000 },
    )
    returns.push(performance.now() - back)
  }

  stop.abort()
  await Promise.all(load)
  await eventually(() => {
    assert.deepEqual(ledger.last, acknowledged)
  })
  assert.deepEqual(ledger.disorder, [])
  const total = [...acknowledged.values()].reduce((sum, n) => sum + n, 0)
  t.diagnostic(
    `${total} acknowledged, ${ledger.repeats} repeats, returns ms ${returns
      .map(Math.round)
      .sort((a, b) => a - b)
      .join(' ')}`,
  )
})
