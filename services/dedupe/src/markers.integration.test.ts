import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  buckets,
  type DeploymentObservation,
  deploymentKey,
  type SnapshotBegin,
  type SnapshotEnd,
  type SnapshotEntry,
} from '@hermod/contracts'
import { openBucket } from '@hermod/jetstream'
import { eventually, startNatsServer } from '@hermod/testkit'
import { settled, trace } from './rollout/testdata/trace.ts'
import { parseStored } from './stored-rollout.ts'
import { startTestBed, type TestBed } from './testdata/test-bed.ts'

const web = settled
const api = { ...settled, name: 'api', uid: 'uid-api' }
const elsewhere = { ...api, cluster: 'staging' }
const marker = { version: 1, cluster: 'prod', partition: 0, observedAt: settled.observedAt }

function begin(snapshotId: string): SnapshotBegin {
  return { ...marker, kind: 'snapshot-begin', snapshotId }
}

function end(
  snapshotId: string,
  deployments: readonly SnapshotEntry[],
  more: Partial<SnapshotEnd> = {},
): SnapshotEnd {
  const whole = { piece: 1, pieces: 1, namespaces: ['shop'] }
  return { ...marker, ...whole, kind: 'snapshot-end', snapshotId, deployments, ...more }
}

/** Sends these and waits until they are taken in: `last` is a Deployment whose start is told after them. */
async function takeIn(
  bed: TestBed,
  sent: readonly (DeploymentObservation | SnapshotBegin | SnapshotEnd)[],
): Promise<void> {
  for (const one of sent) await bed.observe(one)
  const probe = `probe-${bed.heard.length}-${sent.length}`
  const [start = settled] = trace('7 gen2 obs1 T=B P=ReplicaSetUpdated')
  await bed.observe({ ...start, namespace: 'probes', name: probe, uid: probe })
  await eventually(() => assert.equal(bed.said(probe), 'started'))
}

const entry = ({ namespace, name, uid }: DeploymentObservation): SnapshotEntry => ({ namespace, name, uid })

describe('a sweep', () => {
  const cases: Readonly<Record<string, { sent: Parameters<typeof takeIn>[1]; says: string }>> = {
    'finds what a complete listing lacks': { sent: [begin('s2'), end('s2', [entry(web)])], says: 'deleted' },
    'is not repeated when its marker comes again': {
      sent: [begin('s2'), end('s2', [entry(web)]), end('s2', [entry(web)])],
      says: 'deleted',
    },
    'leaves alone a namespace that was not listed completely': {
      sent: [begin('s2'), end('s2', [], { namespaces: ['other'] })],
      says: '',
    },
    'leaves alone what was stored after the snapshot began': {
      sent: [begin('s2'), { ...api, resourceVersion: '777' }, end('s2', [entry(web)])],
      says: '',
    },
    'needs the marker of its begin': { sent: [end('s2', [entry(web)])], says: '' },
    'needs all pieces of its end': {
      sent: [begin('s2'), end('s2', [entry(web)], { pieces: 2 })],
      says: '',
    },
    'puts the pieces together': {
      sent: [
        begin('s2'),
        end('s2', [entry(web)], { pieces: 2 }),
        end('s2', [entry(api)], { pieces: 2, piece: 2 }),
      ],
      says: '',
    },
    'finds what no piece holds': {
      sent: [begin('s2'), end('s2', [entry(web)], { pieces: 2 }), end('s2', [], { pieces: 2, piece: 2 })],
      says: 'deleted',
    },
    'does not mix the pieces of two watchers': {
      sent: [
        begin('s2'),
        begin('s3'),
        end('s2', [entry(web)], { pieces: 2 }),
        end('s3', [], { pieces: 2, piece: 2 }),
      ],
      says: '',
    },
  }
  for (const [what, { sent, says }] of Object.entries(cases)) {
    test(what, async () => {
      await using nats = await startNatsServer()
      await using bed = await startTestBed(nats.url, 1)
      await using _replica = await bed.startReplica()
      await takeIn(bed, [begin('s1'), web, api, elsewhere, end('s1', [entry(web), entry(api)])])
      await takeIn(bed, sent)
      assert.equal(bed.said('api'), says)
      assert.equal(bed.said('web'), '')
    })
  }

  test('of everything that is watched closes what is open elsewhere, forgets it, and says nothing more', async () => {
    await using nats = await startNatsServer()
    await using bed = await startTestBed(nats.url, 1)
    await using _replica = await bed.startReplica()
    const bucket = openBucket({
      connection: bed.connection,
      bucket: buckets.rollouts.name,
      parse: parseStored,
    })
    const of = (namespace: string, name: string): DeploymentObservation => ({
      ...web,
      namespace,
      name,
      uid: name,
    })
    const [open = web] = trace('7 gen2 T=B', of('preview', 'open'))
    const idle = of('preview', 'idle')
    const late = of('other', 'late')
    const namespaces = ['shop', 'preview', 'probes']
    await takeIn(bed, [
      begin('s1'),
      web,
      of('preview', 'open'),
      idle,
      end('s1', [web, open, idle], { namespaces }),
    ])
    await takeIn(bed, [open, { ...elsewhere, namespace: 'preview' }])
    const now = { namespaces: ['shop', 'probes'], wholeScope: true }
    const nothing = { deployments: [], pieces: 2, piece: 2 }
    await takeIn(bed, [
      begin('s2'),
      late,
      end('s2', [web], { ...now, pieces: 2 }),
      end('s2', [], { ...now, ...nothing }),
    ])
    assert.equal(bed.said('open'), 'started released')
    assert.equal(bed.said('idle') + bed.said('late') + bed.said('web') + bed.said('api'), '')
    const kept = [open, idle, late, web, { ...elsewhere, namespace: 'preview' }].map(async (each) =>
      (await bucket.load(deploymentKey(each, 1))) === undefined ? 'forgotten' : 'kept',
    )
    assert.deepEqual(await Promise.all(kept), ['forgotten', 'forgotten', 'kept', 'kept', 'kept'])
    await takeIn(bed, [idle])
    assert.equal(bed.said('idle'), '', 'what comes back is a first sight')
  })

  test('drops what was deleted a day ago, and only then', async () => {
    await using nats = await startNatsServer()
    await using bed = await startTestBed(nats.url, 1)
    await using _replica = await bed.startReplica()
    const bucket = openBucket({
      connection: bed.connection,
      bucket: buckets.rollouts.name,
      parse: parseStored,
    })
    await takeIn(bed, [begin('s1'), web, { ...api, deleted: true }, end('s1', [entry(web)])])
    const key = deploymentKey(api, 1)
    const stored = await bucket.load(key)
    assert.equal(stored?.value.rollout.phase, 'deleted')
    const { dedupe } = stored.value
    const old = { ...dedupe, seen: { ...dedupe.seen, atMs: dedupe.seen.atMs - 25 * 3_600_000 } }
    await bucket.save(key, { ...stored.value, dedupe: old }, stored.kvRevision)
    await takeIn(bed, [begin('s2'), end('s2', [entry(web)])])
    assert.equal(await bucket.load(key), undefined)
  })
})
