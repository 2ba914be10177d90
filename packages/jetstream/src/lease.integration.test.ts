import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  eventually,
  type NatsServer,
  type RunningProcess,
  startNatsServer,
  startProcess,
} from '@hermod/testkit'
import {
  connectJetStream,
  holdLease,
  type JetStreamConnection,
  type Log,
  provision,
  type Term,
} from './index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const times = { leaseMs: 1_200, renewMs: 400, lookMs: 50 }

// Each test has a key of its own, or a server, so that they can run at once.
describe('lease', { concurrency: true }, () => {
  let server: NatsServer
  let connection: JetStreamConnection
  before(async () => {
    server = await startNatsServer()
    connection = await connectJetStream({ servers: [server.url], name: 'lease', log: quiet })
    await provision(connection, { partitions: 1, replicas: 1 })
  })
  after(async () => {
    await connection[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  function seek(key: string, at = connection): AsyncDisposable & { readonly terms: Term[] } {
    const terms: Term[] = []
    const lease = holdLease({
      connection: at,
      key,
      log: quiet,
      times,
      run: async (term) => {
        terms.push(term)
        await once(term.signal, 'abort')
      },
    })
    return { terms, [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose]() }
  }

  const startHolder = (key: string): Promise<RunningProcess> =>
    startProcess(process.execPath, [
      fileURLToPath(new URL('testdata/lease-holder.ts', import.meta.url)),
      server.url,
      key,
      String(times.leaseMs),
    ])

  test('one contender holds it past its first expiry, and gives it to the next at disposal', async () => {
    await using first = seek('a')
    await eventually(() => assert.equal(first.terms.length, 1))
    await using second = seek('a')
    const [term] = first.terms
    const since = performance.now()
    await eventually(() => assert.ok(performance.now() - since > 1.5 * times.leaseMs))
    assert.equal(term?.valid(), true)
    assert.equal(second.terms.length, 0)
    const written: string[] = []
    const watching = connection.nats.subscribe('$KV.leases.a', {
      callback: (_, message) => {
        written.push(message.string())
      },
    })
    await first[Symbol.asyncDispose]()
    assert.equal(term?.valid(), false)
    await eventually(() => assert.equal(second.terms.length, 1))
    watching.unsubscribe()
    assert.ok(written.some((record) => record.includes('"holder":""')))
    assert.ok((second.terms[0]?.epoch ?? 0) > (term?.epoch ?? 0))
  })

  test('a holder that was frozen past its term knows it on waking, before it acts', async () => {
    await using holder = await startHolder('frozen')
    await eventually(() => assert.match(holder.output, /acts/))
    await using other = seek('frozen')
    holder.signal('SIGSTOP')
    await eventually(() => assert.equal(other.terms.length, 1))
    const takenAt = Date.now()
    holder.signal('SIGCONT')
    await eventually(() => assert.match(holder.output, /over/))
    const acts = [...holder.output.matchAll(/^acts \d+ (\d+)$/gm)].map(([, at]) => Number(at))
    assert.ok(acts.length > 0)
    assert.deepEqual(
      acts.filter((at) => at >= takenAt),
      [],
    )
    assert.equal(other.terms[0]?.valid(), true)
  })

  test('a holder that was killed is succeeded after its term', async () => {
    await using holder = await startHolder('killed')
    await eventually(() => assert.match(holder.output, /acts/))
    await holder.kill()
    await using other = seek('killed')
    await eventually(() => assert.equal(other.terms.length, 1))
  })

  test('a term ends by itself when NATS stays away, and another follows when it is back', async () => {
    await using lonely = await startNatsServer()
    await using link = await connectJetStream({ servers: [lonely.url], name: 'lonely', log: quiet })
    await provision(link, { partitions: 1, replicas: 1 })
    await using only = seek('b', link)
    await eventually(() => assert.equal(only.terms.length, 1))
    await lonely.kill()
    await eventually(() => assert.equal(only.terms[0]?.signal.aborted, true))
    await lonely.restart()
    await eventually(() => assert.equal(only.terms.length, 2))
    assert.ok((only.terms[1]?.epoch ?? 0) > (only.terms[0]?.epoch ?? 0))
  })

  test('whoever stops while NATS is silent does not wait for the renewal that is under way', async () => {
    await using silent = await startNatsServer()
    await using link = await connectJetStream({ servers: [silent.url], name: 'silent', log: quiet })
    await provision(link, { partitions: 1, replicas: 1 })
    const long = { leaseMs: 60_000, renewMs: 50, lookMs: 50 }
    const terms: Term[] = []
    const run = async (term: Term): Promise<void> => {
      terms.push(term)
      await once(term.signal, 'abort')
    }
    const lease = holdLease({ connection: link, key: 'c', log: quiet, times: long, run })
    await eventually(() => assert.equal(terms.length, 1))
    silent.pause()
    const since = performance.now()
    await eventually(() => assert.ok(performance.now() - since > 5 * long.renewMs))
    const stopped = performance.now()
    await lease[Symbol.asyncDispose]()
    assert.ok(performance.now() - stopped < long.leaseMs / 4)
    silent.resume()
  })

  test('the epoch rises also when the bucket was lost', async () => {
    await using lossy = await startNatsServer()
    await using link = await connectJetStream({ servers: [lossy.url], name: 'lossy', log: quiet })
    await provision(link, { partitions: 1, replicas: 1 })
    await using first = seek('c', link)
    await eventually(() => assert.equal(first.terms.length, 1))
    await link.manager.streams.delete('KV_leases')
    await eventually(() => assert.equal(first.terms[0]?.signal.aborted, true))
    await provision(link, { partitions: 1, replicas: 1 })
    await eventually(() => assert.equal(first.terms.length, 2))
    assert.ok((first.terms[1]?.epoch ?? 0) > (first.terms[0]?.epoch ?? 0))
  })

  test('work that throws costs the term, not the lease', async () => {
    let runs = 0
    await using _lease = holdLease({
      connection,
      key: 'd',
      log: quiet,
      times,
      run: () => {
        runs++
        return Promise.reject(new Error('boom'))
      },
    })
    await eventually(() => assert.ok(runs >= 2))
  })
})
