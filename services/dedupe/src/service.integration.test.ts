import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  buckets,
  type DeploymentObservation,
  deploymentKey,
  encodeEvent,
  observationSubject,
  type Parsed,
  partitionOf,
  streams,
} from '@hermod/contracts'
import { openBucket, provision } from '@hermod/jetstream'
import { eventually, type RunningProcess, startNatsServer, startProcess } from '@hermod/testkit'
import { settled, trace } from './rollout/testdata/trace.ts'
import { startTestBed, takeSnapshot } from './testdata/test-bed.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const imageUpdate = `
  7 gen2 T=B
  15 rev2 P=NewReplicaSetCreated
  34 obs2 U0
  41 R3 U1 P=ReplicaSetUpdated
  695 R2 U2 av2 P=NewReplicaSetAvailable`

test('a rollout becomes its transitions, and what was there before stays silent', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  await using _replica = await bed.startReplica()
  await takeSnapshot(bed, 's1', [settled])
  for (const seen of trace(imageUpdate)) await bed.observe(seen)
  await eventually(() => assert.equal(bed.said('web'), 'started succeeded'))
})

test('a Deployment that appears in a known namespace is new', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  await using _replica = await bed.startReplica()
  await takeSnapshot(bed, 's1', [settled])
  await bed.observe({ ...settled, name: 'api', uid: 'uid-api' })
  await eventually(() => assert.equal(bed.said('api'), 'succeeded'))
  assert.deepEqual(bed.heard[0]?.transition.rollout.change.classes, ['new-deployment'])
})

test('a Deployment that the next snapshot no longer lists was deleted', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  await using _replica = await bed.startReplica()
  const api = { ...settled, name: 'api', uid: 'uid-api' }
  await takeSnapshot(bed, 's1', [settled, api])
  await takeSnapshot(bed, 's2', [settled])
  await eventually(() => assert.equal(bed.said('api'), 'deleted'))
  assert.equal(bed.said('web'), '')
})

test('a namespace that leaves the scope closes what is open and is forgotten', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  await using _replica = await bed.startReplica()
  await takeSnapshot(bed, 's1', [settled])
  for (const seen of trace('7 gen2 T=B')) await bed.observe(seen)
  const marker = { version: 1, kind: 'released', cluster: 'prod', namespace: 'shop' } as const
  for (let partition = 0; partition < bed.partitions; partition++) {
    await bed.observe({ ...marker, partition, observedAt: new Date().toISOString() })
  }
  await eventually(() => assert.equal(bed.said('web'), 'started released'))
  await bed.observe({ ...settled, name: 'api', uid: 'uid-api' })
  for (const seen of trace(imageUpdate)) await bed.observe({ ...seen, name: 'api', uid: 'uid-api' })
  await eventually(() => assert.equal(bed.said('api'), 'started succeeded'))
})

test('two replicas share the work and say everything once and in order', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  await using _one = await bed.startReplica()
  await using _two = await bed.startReplica()
  const names = Array.from({ length: 12 }, (_, index) => `web-${index}`)
  await takeSnapshot(
    bed,
    's1',
    names.map((name) => ({ ...settled, name, uid: name })),
  )
  await Promise.all(
    names.map(async (name) => {
      for (const seen of trace(imageUpdate)) await bed.observe({ ...seen, name, uid: name })
    }),
  )
  await eventually(() => {
    for (const name of names) assert.equal(bed.said(name), 'started succeeded')
  })
})

test('a message that does not parse or holds impossible values becomes a dead letter and the rest flows', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url, 1)
  await using replica = await bed.startReplica()
  await takeSnapshot(bed, 's1', [settled])
  await bed.publishRaw('hermod.observation.0.prod.shop.web', '{"no": "event"}')
  const impossible: readonly Partial<DeploymentObservation>[] = [
    { generation: -1 },
    { replicas: { ...settled.replicas, available: 1.5 } },
    { replicas: { ...settled.replicas, wanted: 1e300 } },
    { creationTimestamp: 'yesterday' },
    { uid: '' },
  ]
  for (const values of impossible) await bed.observe({ ...settled, ...values })
  for (const seen of trace(imageUpdate)) await bed.observe(seen)
  await eventually(() => assert.equal(bed.said('web'), 'started succeeded'))
  const { state } = await bed.connection.manager.streams.info(streams.deadLetters.name)
  assert.equal(state.messages, 1 + impossible.length)
  assert.match(await replica.metrics.text(), /^hermod_dedupe_messages_total\{end="dead"\} 6$/m)
})

test('with the streams lost and made anew it goes on where it was', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  await using _replica = await bed.startReplica()
  await takeSnapshot(bed, 's1', [settled])
  const update = trace(imageUpdate)
  for (const seen of update.slice(0, 3)) await bed.observe(seen)
  await eventually(() => assert.equal(bed.said('web'), 'started'))
  for (const { name } of [streams.observations, streams.rollouts])
    await bed.connection.manager.streams.delete(name)
  await provision(bed.connection, { partitions: bed.partitions, replicas: 1 })
  await takeSnapshot(bed, 's2', update.slice(3, 4))
  for (const seen of update.slice(4)) await bed.observe(seen)
  await eventually(() => assert.equal(bed.said('web'), 'started succeeded'), { timeoutMs: 30_000 })
})

test('what it does is counted, by hermod’s names too', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url, 1)
  await using replica = await bed.startReplica()
  await takeSnapshot(bed, 's1', [settled])
  const failing = `
    7 gen2 T=B deadline=3
    34 obs2 U0 P=NewReplicaSetCreated
    900 !ImagePullBackOff
    4000 P=ProgressDeadlineExceeded
    9000 R2 U2 av2`
  for (const seen of trace(failing)) await bed.observe(seen)
  await bed.publishRaw('hermod.observation.0.prod.shop.web', 'no event')
  await eventually(async () => {
    const text = await replica.metrics.text()
    assert.match(text, /^hermod_deployment_processed_total 1$/m)
    assert.match(text, /^hermod_deployment_failed_total 1$/m)
    assert.match(text, /^hermod_deployment_success_total 1$/m)
    assert.match(text, /^hermod_rollout_verdicts_total{verdict="stalled",reason="ImagePullBackOff"} 1$/m)
    assert.match(
      text,
      /^hermod_rollout_verdicts_total{verdict="failed",reason="ProgressDeadlineExceeded"} 1$/m,
    )
    assert.match(text, /^hermod_rollout_recovery_seconds_count 1$/m)
    assert.match(text, /^hermod_dedupe_messages_total{end="dead"} 1$/m)
  })
})

test('with the state lost, what is there is a baseline and what is under way is told to its end', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  await using _replica = await bed.startReplica()
  const api = { ...settled, name: 'api', uid: 'uid-api' }
  await takeSnapshot(bed, 's1', [settled, api])
  const update = trace(imageUpdate)
  for (const seen of update.slice(0, 4)) await bed.observe(seen)
  await eventually(() => assert.equal(bed.said('web'), 'started'))
  await bed.connection.manager.streams.purge('KV_rollouts')
  await takeSnapshot(bed, 's2', [...update.slice(3, 4), api])
  for (const seen of update.slice(4)) await bed.observe(seen)
  await eventually(() => assert.equal(bed.said('web'), 'started started succeeded'))
  assert.equal(bed.said('api'), '')
})

test('an observation of a newer release is held, not lost, and hinders no other partition', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  await using replica = await bed.startReplica()
  const inPartition = (partition: number): DeploymentObservation => {
    const names = Array.from({ length: 99 }, (_, index) => `web-${index}`)
    const name =
      names.find((each) => partitionOf({ ...settled, name: each }, bed.partitions) === partition) ?? ''
    return { ...settled, name, uid: name }
  }
  const [held, other] = [inPartition(0), inPartition(1)]
  await takeSnapshot(bed, 's1', [held, other])
  const [start = settled] = trace('7 gen2 T=B')
  await bed.observe({ ...start, name: held.name, uid: held.uid, version: 99 })
  await bed.observe({ ...start, name: other.name, uid: other.uid })
  await eventually(() => {
    assert.equal(bed.said(other.name), 'started')
    const { ready, checks } = replica.health.readiness()
    assert.equal(ready, false)
    assert.match(JSON.stringify(checks), /needs an upgrade/)
  })
  const { state } = await bed.connection.manager.streams.info(streams.deadLetters.name)
  assert.equal(state.messages, 0)
})

test('a state that a newer release stored is neither overwritten nor taken for none', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  const key = deploymentKey(settled, bed.partitions)
  const parse = (value: unknown): Parsed<unknown> => ({ kind: 'ok', value })
  const bucket = openBucket({ connection: bed.connection, bucket: buckets.rollouts.name, parse })
  const kvRevision = await bucket.save(key, { version: 99 }, undefined)
  await using replica = await bed.startReplica()
  await bed.observe(settled)
  await eventually(() => assert.match(JSON.stringify(replica.health.readiness()), /needs an upgrade/))
  assert.deepEqual(await bucket.load(key), { value: { version: 99 }, kvRevision })
})

test('an observation under a subject that is not its own becomes a dead letter', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url, 1)
  await using _replica = await bed.startReplica()
  const event = {
    id: 'x',
    source: '/x',
    type: 'observation' as const,
    subject: 'x',
    time: settled.observedAt,
  }
  const body = encodeEvent({ ...event, data: { ...settled, cluster: 'other' } })
  await bed.publishRaw(observationSubject(settled, 1), body)
  await eventually(async () => {
    const { state } = await bed.connection.manager.streams.info(streams.deadLetters.name)
    assert.equal(state.messages, 1)
  })
})

test('a process killed with -9 again and again says everything once', async () => {
  await using nats = await startNatsServer()
  await using bed = await startTestBed(nats.url)
  const names = Array.from({ length: 8 }, (_, index) => `web-${index}`)
  const env = { NATS_URL: nats.url, HTTP_PORT: '0', LOG_LEVEL: 'error' }
  const start = (): Promise<RunningProcess> => startProcess(process.execPath, [main], { env })
  let dedupe = await start()
  await takeSnapshot(
    bed,
    's1',
    names.map((name) => ({ ...settled, name, uid: name })),
  )
  const rounds = trace(imageUpdate)
  for (const seen of rounds) {
    for (const name of names) await bed.observe({ ...seen, name, uid: name })
    await dedupe.kill()
    dedupe = await start()
  }
  await eventually(
    () => {
      for (const name of names) assert.equal(bed.said(name), 'started succeeded')
    },
    { timeoutMs: 30_000 },
  )
  await dedupe[Symbol.asyncDispose]()
})
