import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  buckets,
  type CloudEvent,
  type DeploymentObservation,
  observationSubject,
  type SnapshotMarker,
} from '@hermod/contracts'
import { createPublisher, type Delivery, openBucket } from '@hermod/jetstream'
import { eventually, startNatsServer } from '@hermod/testkit'
import { openKnownNamespaces } from './known-namespaces.ts'
import { transitionPublisher } from './publish-transitions.ts'
import { beganMs, settled, trace } from './rollout/testdata/trace.ts'
import { createRolloutStore } from './rollout-store.ts'
import { openSnapshotStore } from './snapshot-store.ts'
import { parseStored } from './stored-rollout.ts'
import { takeInMarker } from './take-in-markers.ts'
import { quiet, startTestBed, type TestBed } from './testdata/test-bed.ts'
import { trackRollout } from './track-rollouts.ts'

const partitions = 1
const rollout = [
  settled,
  ...trace(`
    7 gen2 T=B
    34 obs2 U0
    500 !ImagePullBackOff
    900 gen3 T=C !-
    5000 obs3 U2 R2 av2`),
]
const told = 'started stalled superseded started succeeded'

class Killed extends Error {}

/** A process that dies at one of its I/O operations: right before it, or right after. */
class Mortal {
  operations = 0
  readonly #diesAt: number

  constructor(diesAt: number) {
    this.#diesAt = diesAt
  }

  async does<T>(operation: () => Promise<T>): Promise<T> {
    this.#step()
    const result = await operation()
    this.#step()
    return result
  }

  #step(): void {
    if (this.operations >= this.#diesAt) throw new Killed()
    this.operations += 1
  }
}

function immortal(): Mortal {
  return new Mortal(Number.POSITIVE_INFINITY)
}

interface Life {
  readonly handle: (seen: DeploymentObservation, index: number) => Promise<void>
  readonly take: (marker: SnapshotMarker, atMs: number) => Promise<void>
}

function live(bed: TestBed, mortal: Mortal): Life {
  const { connection } = bed
  const bucket = buckets.rollouts.name
  const store = createRolloutStore(mortally(openBucket({ connection, bucket, parse: parseStored }), mortal))
  const publisher = mortally(createPublisher({ connection, log: quiet }), mortal)
  const publish = transitionPublisher(publisher, partitions)
  const namespaces = mortally(openKnownNamespaces({ connection, bucket, partitions }), mortal)
  const snapshots = mortally(openSnapshotStore({ connection, bucket: buckets.baselines.name }), mortal)
  const onStep = (): void => undefined
  const signal = new AbortController().signal
  return {
    handle: async (seen, index) => {
      const event: CloudEvent<DeploymentObservation> = {
        id: `${seen.name}-${index}`,
        source: '/hermod/watcher/prod',
        type: 'hermod.observation',
        subject: `${seen.namespace}/${seen.name}`,
        time: seen.observedAt,
        data: seen,
      }
      const deps = { partitions, store, namespaces, publish, onStep }
      const delivery = deliveryOf(seen, index)
      for (;;) {
        store.follow(delivery, connection.link)
        const { kind } = await trackRollout(event, delivery, signal, deps)
        if (kind === 'done') return
        assert.equal(kind, 'retry')
      }
    },
    take: async (marker, atMs) => {
      const delivery = { ...deliveryOf(settled, 0), streamTimestampMs: atMs }
      for (;;) {
        const deps = { store, snapshots, namespaces, publish, onStep }
        const { kind } = await takeInMarker(marker, delivery, signal, deps)
        if (kind === 'done') return
        assert.equal(kind, 'retry')
      }
    },
  }
}

function deliveryOf(seen: DeploymentObservation, index: number): Delivery {
  return {
    stream: 'OBSERVATIONS',
    consumer: 'dedupe-0',
    subject: observationSubject(seen, partitions),
    sequence: index,
    streamTimestampMs: Date.parse(seen.observedAt),
    deliverySequence: index,
    deliveries: 1,
    redelivered: false,
    headers: {},
    id: undefined,
  }
}

/** Every method is an I/O operation, but for those that return at once. */
function mortally<T extends object>(target: T, mortal: Mortal): T {
  return new Proxy(target, {
    get(object, name) {
      const method: unknown = Reflect.get(object, name)
      if (typeof method !== 'function' || name === 'onWritten') return method
      return (...args: readonly unknown[]) => mortal.does(async () => await method.apply(object, args))
    },
  })
}

/** Takes in the whole rollout; each death is followed by a new life that gets the same observation again. */
async function liveThrough(bed: TestBed, name: string, diesAt: number): Promise<number> {
  const mortal = new Mortal(diesAt)
  let life = live(bed, mortal)
  for (const [index, seen] of rollout.entries()) {
    const observation = { ...seen, name, uid: name }
    try {
      await life.handle(observation, index)
    } catch (error) {
      assert.ok(error instanceof Killed, String(error))
      life = live(bed, immortal())
      await life.handle(observation, index)
    }
  }
  return mortal.operations
}

test('killed before or after any of its I/O operations, it loses no transition and repeats none', async (t) => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url, partitions)
  const points = await liveThrough(bed, 'unhurt', Number.POSITIVE_INFINITY)
  await Promise.all(Array.from({ length: points }, (_, point) => liveThrough(bed, `web-${point}`, point)))
  const names = ['unhurt', ...Array.from({ length: points }, (_, point) => `web-${point}`)]
  await eventually(() => {
    for (const name of names) assert.equal(bed.said(name), told, name)
  })
  t.diagnostic(`${points} points`)
})

const markerOf = (cluster: string) => ({
  version: 1,
  cluster,
  partition: 0,
  observedAt: settled.observedAt,
})

/** A sweep that finds `gone` missing, then the end of the scope; each death is followed by the same marker again. */
async function sweepThrough(bed: TestBed, cluster: string, diesAt: number): Promise<number> {
  const [start = settled] = trace('7 gen2 T=B')
  const before = live(bed, immortal())
  for (const name of ['stays', 'gone']) {
    await before.handle({ ...settled, cluster, name, uid: name }, 0)
    await before.handle({ ...start, cluster, name, uid: name }, 1)
  }
  const marker = markerOf(cluster)
  const listed = { namespace: 'shop', name: 'stays', uid: 'stays' }
  const whole = { snapshotId: 's', piece: 1, pieces: 1, namespaces: ['shop'], deployments: [listed] }
  const markers: readonly SnapshotMarker[] = [
    { ...marker, kind: 'snapshot-begin', snapshotId: 's' },
    { ...marker, ...whole, kind: 'snapshot-end' },
    { ...marker, kind: 'released', namespace: 'shop' },
  ]
  const mortal = new Mortal(diesAt)
  let life = live(bed, mortal)
  for (const [index, one] of markers.entries()) {
    const atMs = beganMs + 60_000 * (index + 1)
    try {
      await life.take(one, atMs)
    } catch (error) {
      assert.ok(error instanceof Killed, String(error))
      life = live(bed, immortal())
      await life.take(one, atMs)
    }
  }
  return mortal.operations
}

test('killed before or after any I/O operation of a sweep or a release, it says each end once', async (t) => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url, partitions)
  const points = await sweepThrough(bed, 'unhurt', Number.POSITIVE_INFINITY)
  const clusters = Array.from({ length: points }, (_, point) => `c-${point}`)
  await Promise.all(clusters.map((cluster, point) => sweepThrough(bed, cluster, point)))
  await eventually(() => {
    for (const cluster of ['unhurt', ...clusters]) {
      const of = bed.heard
        .map(({ transition }) => transition)
        .filter((one) => one.rollout.cluster === cluster)
      const said = (name: string): string[] =>
        of.filter(({ rollout: { name: own } }) => own === name).map(({ kind }) => kind)
      assert.deepEqual(said('stays'), ['started', 'released'], cluster)
      assert.deepEqual(said('gone'), ['started', 'deleted'], cluster)
    }
  })
  t.diagnostic(`${points} points`)
})

test('what a replica stored and did not publish, another publishes before anything else', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url, partitions)
  const [first = settled, start = settled, , , , end = settled] = rollout
  const one = live(bed, immortal())
  await one.handle(first, 0)
  // Load, load again at most, save: then it is dead before it can publish.
  const dying = new Mortal(4)
  await assert.rejects(live(bed, dying).handle(start, 1), Killed)
  assert.equal(bed.said('web'), '')
  await live(bed, immortal()).handle(end, 2)
  await eventually(() => assert.equal(bed.said('web'), 'started superseded succeeded'))
})

test('two replicas that are given the same message at once say it once', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url, partitions)
  const [one, two] = [live(bed, immortal()), live(bed, immortal())]
  for (const [index, seen] of rollout.entries()) {
    await Promise.all([one.handle(seen, index), two.handle(seen, index)])
  }
  await eventually(() => assert.equal(bed.said('web'), told))
})

test('a replica that missed a change sees it undone', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url, partitions)
  const [one, two] = [live(bed, immortal()), live(bed, immortal())]
  const [start = settled, image = settled, crash = settled] = trace(`
    7 gen2 T=B obs2 U0
    900 !ImagePullBackOff
    15000 again !CrashLoopBackOff:1:3`)
  const { resourceVersion } = start
  await one.handle(settled, 0)
  await one.handle(start, 1)
  await one.handle({ ...image, resourceVersion }, 2)
  await two.handle({ ...crash, resourceVersion }, 3)
  await one.handle({ ...image, resourceVersion }, 4)
  await eventually(() => assert.equal(bed.said('web'), 'started stalled stalled stalled'))
})
