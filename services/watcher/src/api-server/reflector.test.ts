import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Fault, ModelApiServer, type Operation, type Scene } from '../testing/model-api-server.ts'
import { readApiObject } from './api-object.ts'
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

/** Follows the collection until the server has told everything, as a consumer that keeps the last of each object. */
async function follow(server: ModelApiServer): Promise<{ standing: Map<string, string>; gone: string[] }> {
  const standing = new Map<string, string>()
  const gone: string[] = []
  const stop = new AbortController()
  void server.told.then(() => setImmediate(() => stop.abort()))
  const project = (object: unknown): string => readApiObject(object)?.resourceVersion ?? ''
  const reflector = reflect({
    transport: server,
    path: '/things',
    project,
    signal: stop.signal,
    rules,
    times,
  })
  for await (const reflected of reflector) {
    if (reflected.kind !== 'changes') continue
    for (const { kind, identity, object } of reflected.changes) {
      if (kind === 'changed') standing.set(`${identity.name} ${identity.uid}`, object ?? '')
      else {
        assert.ok(standing.delete(`${identity.name} ${identity.uid}`), 'a deletion of something that stood')
        gone.push(identity.uid)
      }
    }
  }
  return { standing, gone }
}

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
