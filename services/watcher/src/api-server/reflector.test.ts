import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { type Fault, ModelApiServer, type Operation, type Scene } from '../testing/model-api-server.ts'
import { serveCollections } from '../testing/served-collections.ts'
import { readApiObject } from './api-object.ts'
import type { ApiTransport } from './api-transport.ts'
import type { Collection } from './attempt.ts'
import { reflect } from './reflector.ts'
import { ordinaryRules } from './reflector-state.ts'

const name = fc.constantFrom('a', 'b', 'constructor', '__proto__', 'ü-ß')
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('put', 'delete', 'recreate'), name }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'compact' } as const) },
)
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('close', 'reset', 'truncate', 'malform', 'silence', 'error-event'),
    after: fc.nat(6),
  }),
  fc.record({ kind: fc.constant('status'), status: fc.constantFrom(400, 401, 403, 410, 429, 500, 503) }),
)
const scene: fc.Arbitrary<Scene> = fc.record({
  before: fc.array(operation, { maxLength: 4 }),
  during: fc.array(operation, { maxLength: 6 }),
  fault: fc.option(fault, { nil: undefined }),
  chunk: fc.constantFrom(1, 7, 64, 1_000),
})

const rules = { ...ordinaryRules, backoffBaseMs: 0, shortWatchMs: 0, pollMs: 1, tryWatchMs: 4 }
const times = { timeoutSeconds: 0, graceMs: 5, markMs: 5, pageMs: 5 }

const strict: Pick<Collection<string>, 'project' | 'unreadable'> = {
  project: (object) => readApiObject(object)?.resourceVersion ?? '',
  unreadable: (_, error) => assert.fail(String(error)),
}

/** Follows the collection until the server has told everything, as a consumer that keeps the last of each object. */
async function follow(
  server: ModelApiServer,
  reading: Pick<Collection<string>, 'project' | 'unreadable'> = strict,
): Promise<{ standing: Map<string, string>; gone: string[] }> {
  const standing = new Map<string, string>()
  const gone: string[] = []
  const stop = new AbortController()
  void server.told.then(() => setImmediate(() => stop.abort()))
  const reflector = reflect({
    transport: server,
    path: '/things',
    ...reading,
    signal: stop.signal,
    rules,
    times,
  })
  for await (const reflected of reflector) {
    if (reflected.kind !== 'changes') continue
    for (const { kind, identity, object } of reflected.changes) {
      const key = `${identity.name} ${identity.uid}`
      if (kind === 'changed' && object !== undefined) standing.set(key, object)
      else if (kind === 'deleted') {
        assert.ok(standing.delete(key) || reading !== strict, 'a deletion of something that stood')
        gone.push(identity.uid)
      }
    }
  }
  return { standing, gone }
}

test('an object that cannot be read hides no other, and is known all the same', async () => {
  const put = (name: string): Operation => ({ kind: 'put', name })
  const scene: Scene = {
    before: [put('a'), put('odd')],
    during: [put('b'), { kind: 'delete', name: 'odd' }],
    fault: undefined,
    chunk: 64,
  }
  const server = new ModelApiServer([scene])
  const unreadable: unknown[] = []
  const { standing, gone } = await follow(server, {
    project: (object) => {
      const { identity, resourceVersion = '' } = readApiObject(object) ?? {}
      if (identity?.name === 'odd') throw new TypeError('odd')
      return resourceVersion
    },
    unreadable: (object) => unreadable.push(readApiObject(object)?.identity.name),
  })
  assert.deepEqual([...standing.keys()].sort(), ['a uid-1', 'b uid-3'])
  assert.deepEqual(gone, ['uid-2'])
  assert.deepEqual([...new Set(unreadable)], ['odd'])
})

test('a list by stream that breaks off late each time is no healthy watch: it gives way to pages', async () => {
  const asked: string[] = []
  const stop = new AbortController()
  const transport: ApiTransport = {
    request: async ({ query }) => {
      const isStream = 'sendInitialEvents' in query
      asked.push(isStream ? 'stream' : 'pages')
      if (!isStream) stop.abort()
      return { status: 200, body: breaksOff() }
    },
  }
  const patient = { ...times, markMs: 10_000, pageMs: 10_000 }
  const { signal } = stop
  const options = { transport, path: '/things', ...strict, signal, times: patient }
  for await (const _ of reflect({ ...options, rules: { ...rules, shortWatchMs: 1 } })) void _
  assert.deepEqual(asked, ['stream', 'stream', 'stream', 'pages'])
})

async function* breaksOff(): AsyncGenerator<Uint8Array> {
  const metadata = { namespace: 'n', name: 'a', uid: 'u', resourceVersion: '1' }
  yield Buffer.from(`${JSON.stringify({ type: 'ADDED', object: { metadata } })}\n`)
  await delay(5)
  throw new Error('ECONNRESET')
}

test('a request that waits for its turn is no silence of the server', async () => {
  const server = serveCollections(() => [{ metadata: { name: 'a', uid: 'u', resourceVersion: '1' } }])
  const transport: ApiTransport = {
    request: async (request) => {
      await delay(40, undefined, { signal: request.signal })
      return await server.request(request)
    },
  }
  const stop = new AbortController()
  const { signal } = stop
  const brief = { timeoutSeconds: 0, graceMs: 20, markMs: 20, pageMs: 10_000 }
  const kinds: string[] = []
  const options = { transport, path: '/things', ...strict, signal, rules, times: brief }
  for await (const { kind } of reflect(options)) {
    kinds.push(kind)
    if (kinds.length === 4) stop.abort()
    if (signal.aborted) break
  }
  assert.deepEqual(kinds, ['changes', 'listed', 'ended', 'opened'])
})

test('whatever happens to objects, watches and lists, it ends in the state of the server with each deletion seen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(scene, { maxLength: 12 }), async (scenes) => {
      const server = new ModelApiServer(scenes)
      const { standing, gone } = await follow(server)
      const expected = [...server.objects.values()].map(
        ({ name, uid, resourceVersion }) => [`${name} ${uid}`, String(resourceVersion)] as const,
      )
      assert.deepEqual(standing, new Map(expected), 'the state of the server')
      assert.equal(new Set(gone).size, gone.length, 'no deletion twice')
      for (const uid of gone) assert.ok(server.deletedUids.has(uid), 'no deletion invented')
    }),
    { numRuns: 300 },
  )
})
