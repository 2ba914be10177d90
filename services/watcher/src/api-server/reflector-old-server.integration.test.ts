// An API server without WatchList and without its cache, behind a proxy that answers in its place: what the newest
// server does of its own accord is in reflector.integration.test.ts.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import {
  type ControlPlane,
  createDeployment,
  createNamespace,
  deleteDeployment,
  eventually,
  type HttpFaultProxy,
  kubeFault,
  startControlPlane,
  startHttpFaultProxy,
} from '@hermod/testkit'
import { HttpTransport } from './api-transport.ts'
import type { Reflected } from './attempt.ts'
import { reflect } from './reflector.ts'
import { ordinaryRules } from './reflector-state.ts'

const namespace = 'shop'
const path = `/apis/apps/v1/namespaces/${namespace}/deployments`
const times = { timeoutSeconds: 1, graceMs: 2_000, markMs: 5_000, pageMs: 5_000 }
const suite = new AsyncDisposableStack()
let plane: ControlPlane
let proxy: HttpFaultProxy
let parts: AsyncDisposableStack
let stop: AbortController
let standing: Set<string>
let ends: Extract<Reflected<string>, { kind: 'ended' }>[]

before(async () => {
  const old = ['--feature-gates=WatchList=false', '--watch-cache=false', '--etcd-compaction-interval=1s']
  plane = suite.use(await startControlPlane({ apiServerFlags: old }))
  proxy = suite.use(await startHttpFaultProxy({ upstream: plane.url, ca: plane.ca }))
  await createNamespace(plane.api, namespace)
})
after(() => suite.disposeAsync())

beforeEach(() => {
  parts = new AsyncDisposableStack()
  stop = new AbortController()
  standing = new Set()
  ends = []
})
afterEach(async () => {
  proxy.liftFaults()
  await parts.disposeAsync()
})

function follow(): void {
  const headers = { authorization: `Bearer ${plane.token}` }
  const transport = parts.use(new HttpTransport(async () => ({ server: proxy.url, headers, tls: {} })))
  const unreadable = (_: unknown, error: unknown): void => assert.fail(String(error))
  const rules = { ...ordinaryRules, backoffCapMs: 100, shortWatchMs: 50 }
  const { signal } = stop
  const reflector = reflect({ transport, path, project: String, unreadable, signal, times, rules })
  const following = (async () => {
    for await (const reflected of reflector) {
      if (reflected.kind === 'ended') ends.push(reflected)
      for (const { kind, identity } of reflected.kind === 'changes' ? reflected.changes : []) {
        if (kind === 'changed') standing.add(identity.name)
        else assert.ok(standing.delete(identity.name), `${identity.name} stood`)
      }
    }
  })()
  parts.defer(async () => {
    stop.abort()
    await following
  })
}

const create = async (name: string): Promise<void> => {
  await createDeployment(plane.api, { namespace, name, image: 'web:1', replicas: 0 })
}

async function agree(): Promise<void> {
  await eventually(
    async () => {
      const { items } = await plane.api.list(path)
      assert.deepEqual([...standing].sort(), items.map(({ metadata }) => metadata.name).sort())
    },
    { timeoutMs: 40_000, everyMs: 100 },
  )
}

const statusOf = ({ ending }: (typeof ends)[number]): number | undefined =>
  ending.kind === 'status' ? ending.status : undefined

test('a server older than WatchList is listed by pages, and is not asked for a stream again', async () => {
  await create('first')
  follow()
  await agree()
  await create('second')
  await agree()
  const streams = proxy.requests.filter(({ query }) => query.has('sendInitialEvents'))
  assert.equal(streams.length, 1)
  assert.ok(ends.some(({ ending, next }) => ending.kind === 'listed' && next.streamless))
})

test('a watch from a version that etcd has compacted ends in a new list, with the deletion seen', async () => {
  await create('brief')
  follow()
  await agree()
  // Our watch is kept away, so that nothing tells it what happens.
  proxy.inject(kubeFault.status(503, 'ServiceUnavailable'))
  await eventually(() => assert.ok(ends.some((end) => statusOf(end) === 503)))
  await deleteDeployment(plane.api, { namespace, name: 'brief' })
  await eventually(() => assert.rejects(oldWatch(ends.at(-1)?.next.resourceVersion ?? ''), { code: 410 }), {
    timeoutMs: 60_000,
  })
  proxy.liftFaults()
  await agree()
  assert.ok(ends.some(({ ending }) => ending.kind === 'expired'))
  assert.ok(!standing.has('brief'))
})

async function oldWatch(resourceVersion: string): Promise<void> {
  const query = { resourceVersion, timeoutSeconds: '1' }
  for await (const event of plane.api.watch(path, query, AbortSignal.timeout(5_000))) void event
}

test('a full queue that answers in plain text is waited for as long as it asks', async () => {
  proxy.inject(kubeFault.tooManyRequests(1), { times: 2 })
  follow()
  await agree()
  const waits = ends.filter((end) => statusOf(end) === 429)
  assert.equal(waits.length, 2)
  for (const { ending, delayMs } of waits) {
    assert.ok(delayMs >= 1_000)
    assert.match(ending.kind === 'status' ? ending.message : '', /^Too many requests/)
  }
})

test('a line that is no JSON ends the watch, and it is resumed with nothing lost', async () => {
  follow()
  await agree()
  proxy.injectLines((line) => `${line.slice(0, 20)}\n`, { when: ({ query }) => query.has('watch'), times: 1 })
  let number = 0
  await eventually(async () => {
    await create(`noise-${number++}`)
    assert.ok(ends.some(({ ending }) => ending.kind === 'malformed'))
  })
  await agree()
})
