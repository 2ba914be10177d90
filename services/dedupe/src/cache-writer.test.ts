import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deploymentKey, type RolloutTransition } from '@hermod/contracts'
import type { Bucket, Entry, Outcome, Term } from '@hermod/jetstream'
import type { ArtifactoryClient } from './artifactory-client.ts'
import { parseCacheFile, writeCacheFile } from './cache/cache-file.ts'
import { type CacheWriter, createCacheWriter } from './cache-writer.ts'
import type { Tracked } from './rollout/rollout.ts'
import { baseline, play, settled, trace } from './rollout/testdata/trace.ts'
import type { SpecStore } from './spec-store.ts'
import { parseStored, type StoredState, writeStored } from './stored-rollout.ts'

const hourMs = 3_600_000
const namespaces = Array.from({ length: 3 }, (_, index) => `shop-${index}`)

/** A store of files that can be away. */
function store() {
  const files = new Map<string, string>()
  const state = { away: true, gets: 0, puts: 0 }
  const away = { kind: 'unavailable', reason: 'answered 503' } as const
  const client: ArtifactoryClient = {
    fetch: async (file) => {
      state.gets += 1
      const text = files.get(file)
      if (state.away) return away
      return text === undefined ? { kind: 'missing' } : { kind: 'found', text }
    },
    store: async (file, text) => {
      state.puts += 1
      if (state.away) return away
      files.set(file, text)
      return { kind: 'stored' }
    },
  }
  return { client, files, state }
}

const success = play(trace('7 gen2 T=B obs2 U0\n900 R2 U2 av2'), { from: baseline() })
  .steps.flatMap(({ transitions }) => transitions)
  .find(({ kind }) => kind === 'succeeded')

function successIn(namespace: string): RolloutTransition {
  assert.ok(success)
  return { ...success, rollout: { ...success.rollout, namespace } }
}

function writerOver(
  client: ArtifactoryClient,
  specs: Pick<SpecStore, 'load'>,
  states: Pick<Bucket<StoredState>, 'load'>,
): CacheWriter {
  return createCacheWriter({
    client,
    specs: specs as SpecStore,
    states: states as Bucket<StoredState>,
    ownNamespace: 'platform',
    cluster: settled.cluster,
    partitions: 16,
    onTrouble: () => undefined,
    untilTold: async () => undefined,
    putEveryMs: 0,
    specPatienceMs: 300,
  })
}

test('an hour without Artifactory loses no result, empties no file and asks each namespace once at a time', async () => {
  const { client, files, state } = store()
  const specs: Pick<SpecStore, 'load'> = { load: async (key) => ({ key, template: {} }) }
  const states: Pick<Bucket<StoredState>, 'load'> = { load: async () => undefined }
  const writer = writerOver(client, specs, states)
  const { signal } = new AbortController()
  const term: Term = { epoch: 1, valid: () => true, signal }
  const waiting = new Set(namespaces)
  const tryAll = async (): Promise<number> => {
    const outcomes: [string, Promise<Outcome>][] = [...waiting].map((namespace) => [
      namespace,
      writer.take(successIn(namespace), 0, term, signal),
    ])
    let pauseMs = 0
    for (const [namespace, outcome] of outcomes) {
      const settledAs = await outcome
      if (settledAs.kind === 'done') waiting.delete(namespace)
      else if (settledAs.kind === 'retry') pauseMs = settledAs.afterMs ?? 0
    }
    return pauseMs
  }
  let tries = 0
  for (let clockMs = 0; clockMs < hourMs; ) {
    const pauseMs = await tryAll()
    assert.ok(pauseMs > 0)
    clockMs += pauseMs
    tries += 1
  }
  assert.deepEqual([waiting.size, files.size, state.puts], [namespaces.length, 0, 0])
  assert.equal(state.gets, tries * namespaces.length)

  state.away = false
  await tryAll()
  assert.equal(waiting.size, 0)
  assert.equal(state.puts, namespaces.length)
  for (const namespace of namespaces) {
    const text = files.get(`deployment-events-v2-platform-${namespace}.json`) ?? ''
    assert.ok(text.includes(deploymentKey({ ...settled, namespace }, 16)), namespace)
  }
})

const story = play(
  trace(`
    0 gen2 T=B
    30 obs2 U0 rev2 R3 U1
    900 R2 U2 av2 P=NewReplicaSetAvailable
    20000 DELETED`),
  { from: baseline() },
).steps
const [succeeded, deleted] = story.slice(2).map(({ transitions: [transition] }) => transition)
const next = play(trace('30000 uid2 obs1 U2'), { from: story.at(-1)?.tracked }).tracked
const begun = play(trace('30000 uid2 obs0 U0 av0 P-'), { from: story.at(-1)?.tracked }).tracked
const failed = play(
  trace('0 gen2 T=B deadline=10\n30 obs2 U0 rev2 R3 U1\n10100 P=ProgressDeadlineExceeded'),
  {
    from: baseline(),
  },
).steps.at(-1)

test('a failure leaves the template alone that came up last', async () => {
  assert.ok(failed?.transitions[0])
  const { client, files, state } = store()
  state.away = false
  const name = 'deployment-events-v2-platform-shop.json'
  const text = writeCacheFile(new Map([['web', { type: 'MODIFIED', spec: { template: { spec: 'older' } } }]]))
  files.set(name, text)
  const writer = writerOver(client, { load: async () => ({ template: {} }) }, { load: async () => undefined })
  const { signal } = new AbortController()
  await writer.take(failed.transitions[0], 0, { epoch: 1, valid: () => true, signal }, signal)
  assert.equal(files.get(name), text)
})

for (const [what, told, state, entry] of [
  ['its own result', succeeded, story[2]?.tracked, 'MODIFIED'],
  ['its failure, which it may recover from,', failed?.transitions[0], failed?.tracked, 'ADDED'],
  ['its own end', deleted, story[3]?.tracked, 'DELETED'],
  ['a deletion, told before its result is delivered again', succeeded, story[3]?.tracked, undefined],
  ['the result of a younger one of its name', succeeded, next, undefined],
  ['no result of a younger one yet', succeeded, begun, 'MODIFIED'],
  ['its own state, made anew after a loss,', succeeded, story[2] && anew(story[2].tracked), undefined],
  ['nothing, for it was lost', succeeded, undefined, 'MODIFIED'],
] as const) {
  test(`where ${what} stands, the entry is ${entry ?? 'left alone'}`, async () => {
    assert.ok(told)
    const { client, files, state: artifactory } = store()
    artifactory.away = false
    const states: Pick<Bucket<StoredState>, 'load'> = { load: async () => state && entryOf(state) }
    const specs: Pick<SpecStore, 'load'> = { load: async () => ({ template: {} }) }
    const writer = writerOver(client, specs, states)
    const { signal } = new AbortController()
    assert.deepEqual(await writer.take(told, 0, { epoch: 1, valid: () => true, signal }, signal), {
      kind: 'done',
    })
    const file = parseCacheFile(files.get('deployment-events-v2-platform-shop.json') ?? '{"events":{}}')
    assert.ok(file.kind === 'ok')
    assert.equal(file.entries.get('web')?.type, entry)
  })
}

function anew(tracked: Tracked | undefined): Tracked | undefined {
  return tracked && { ...tracked, epoch: tracked.epoch + 60_000 }
}

function entryOf(tracked: Tracked): Entry<StoredState> {
  const written = writeStored({ tracked, outbox: [], lastSeen: 'a' })
  const parsed = parseStored(JSON.parse(JSON.stringify(written)))
  assert.ok(parsed.kind === 'ok')
  return { value: parsed.value, kvRevision: 1 }
}

const file = 'deployment-events-v2-platform-shop.json'
const older = writeCacheFile(new Map([['web', { type: 'MODIFIED', spec: { template: { spec: 'older' } } }]]))

for (const { what, classes, state, comes, holds } of [
  { what: 'its state and its spec were lost', classes: ['new-image'], comes: 0, holds: 'older' },
  {
    what: 'its spec was lost, and the next is under way',
    classes: ['new-image'],
    state: begun,
    comes: 0,
    holds: 'older',
  },
  { what: 'its spec is still to come', classes: [], state: story[2]?.tracked, comes: 2, holds: 'its own' },
  { what: 'its spec never comes', classes: [], state: story[2]?.tracked, comes: 0, holds: undefined },
  {
    what: 'nobody ever had its spec',
    classes: ['new-image'],
    state: story[2]?.tracked,
    comes: 0,
    holds: undefined,
  },
] as const) {
  test(`a result is told and ${what}: the entry is ${holds ?? 'given up'}`, async () => {
    assert.ok(succeeded)
    const { client, files, state: artifactory } = store()
    artifactory.away = false
    files.set(file, older)
    let asked = 0
    const specs: Pick<SpecStore, 'load'> = {
      load: async () => (++asked === comes ? { template: { spec: 'its own' } } : undefined),
    }
    const states: Pick<Bucket<StoredState>, 'load'> = { load: async () => state && entryOf(state) }
    const writer = writerOver(client, specs, states)
    const { signal } = new AbortController()
    const change = { ...succeeded.rollout.change, classes }
    const told = { ...succeeded, rollout: { ...succeeded.rollout, change } }
    await writer.take(told, 0, { epoch: 1, valid: () => true, signal }, signal)
    const read = parseCacheFile(files.get(file) ?? '{"events":{}}')
    assert.ok(read.kind === 'ok')
    const spec = read.entries.get('web')?.spec
    assert.deepEqual(spec, holds && { template: { spec: holds } })
  })
}
