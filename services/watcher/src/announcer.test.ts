import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Announcer } from './announcer.ts'
import { ObservationStream } from './observation-stream.ts'
import { startLedgerRig } from './testing/ledger-rig.ts'
import { quietLog } from './testing/quiet-health.ts'

test('what is asked for before it began is told once, after all that anybody wants done before', async () => {
  await using rig = startLedgerRig()
  const subjects: string[] = []
  const stream = new ObservationStream({
    ...rig,
    publisher: {
      publish: async ({ subject }) => ({ stream: '', sequence: subjects.push(subject), duplicate: false }),
    },
    cluster: 'test',
    partitions: 1,
    bootId: 'boot',
    log: quietLog(),
    onStreamLost: () => assert.fail('it was not'),
  })
  const fail = (error: unknown): never => assert.fail(String(error))
  const announcer = new Announcer({
    ...rig,
    stream,
    listed: () => ({ namespaces: [], wholeScope: true }),
    log: quietLog(),
    fail,
  })
  const done: string[] = []
  void announcer.tellAll(async () => void done.push('first'))
  await announcer.tellAll(async () => void done.push(`second, after ${subjects.length} messages`))
  assert.deepEqual(done, ['first', 'second, after 0 messages'])
  assert.equal(subjects.length, 2, 'a begin and an end')
})
