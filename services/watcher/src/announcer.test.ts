import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { DeploymentObservation } from '@hermod/contracts'
import { Announcer } from './announcer.ts'
import { ObservationStream } from './observation-stream.ts'
import { ObservationLines } from './publish-observations.ts'
import { type LedgerRig, startLedgerRig } from './testing/ledger-rig.ts'
import { quietLog } from './testing/quiet-health.ts'

const fail = (error: unknown): never => assert.fail(String(error))

/** An announcer of one partition, and the kinds of the markers that it publishes. */
function startAnnouncer(rig: LedgerRig, lines = rig.lines) {
  const markers: string[] = []
  const stream = new ObservationStream({
    ...rig,
    publisher: {
      async publish({ body }) {
        const sequence = markers.push(JSON.parse(Buffer.from(body).toString()).data.kind)
        return { stream: '', sequence, duplicate: false }
      },
    },
    cluster: 'test',
    partitions: 1,
    bootId: 'boot',
    log: quietLog(),
    onStreamLost: () => assert.fail('it was not'),
  })
  const listed = () => ({ namespaces: [], wholeScope: true })
  return { markers, announcer: new Announcer({ ...rig, lines, stream, listed, log: quietLog(), fail }) }
}

test('what is asked for before it began is told once, after all that anybody wants done before', async () => {
  await using rig = startLedgerRig()
  const { announcer, markers } = startAnnouncer(rig)
  const done: string[] = []
  void announcer.tellAll(async () => void done.push('first'))
  await announcer.tellAll(async () => void done.push(`second, after ${markers.length} messages`))
  assert.deepEqual(done, ['first', 'second, after 0 messages'])
  assert.deepEqual(markers, ['snapshot-begin', 'snapshot-end'])
})

test('once everything is to be told, what is being told is not told to its end', async () => {
  await using rig = startLedgerRig()
  const { announcer, markers } = startAnnouncer(rig)
  void announcer.tellPartition(0)
  await announcer.tellAll()
  assert.deepEqual(markers, ['snapshot-begin', 'snapshot-begin', 'snapshot-end'])
})

test('a namespace is released after the last words of its Deployments, those that are gone included', async () => {
  await using rig = startLedgerRig()
  const published = Promise.withResolvers<void>()
  const dropped = rig.metrics.droppedObservations
  using lines = new ObservationLines({ publish: async () => await published.promise, dropped, fail })
  const { announcer, markers } = startAnnouncer(rig, lines)
  const last = { namespace: 'shop', name: 'web', deleted: true } as DeploymentObservation
  lines.offer({ observation: last, madeAt: 0 }, 'lasting')
  const released = announcer.release({ kind: 'left', namespace: 'shop', deleted: false })
  await setImmediate()
  assert.deepEqual(markers, [])
  published.resolve()
  await released
  assert.deepEqual(markers, ['released'])
})
