import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentObservation } from '@hermod/contracts'
import fc from 'fast-check'
import { swept } from './end.ts'
import { isoTime } from './happened.ts'
import { baseline, beganMs, play, settled, trace } from './testdata/trace.ts'

const minute = 60_000
const finished = `
  0 gen2 T=B
  900 obs2 rev2 P=NewReplicaSetAvailable`

describe('the order of observations', () => {
  test("an old API server's stale answer says nothing", () => {
    const { tracked } = play(trace(finished), { from: baseline() })
    const { said, steps } = play([{ ...settled, observedAt: iso(2_000) }], { from: tracked })
    assert.equal(said, '')
    assert.equal(steps[0]?.outcome, 'older')
  })

  test('an older stand that snapshots still show five minutes later is what etcd was restored to', () => {
    const { tracked } = play(trace(finished), { from: baseline() })
    const restored = [1, 4, 7].map((minutes) => ({
      ...settled,
      occasion: 'snapshot' as const,
      observedAt: iso(minutes * minute),
    }))
    const { said, steps, tracked: after } = play(restored, { from: tracked })
    assert.equal(said, '')
    assert.deepEqual(
      steps.map(({ outcome }) => outcome),
      ['older', 'older', 'baseline'],
    )
    assert.equal(after?.seen.generation, 1)
  })

  test('one newer observation proves that etcd was not restored', () => {
    const { tracked } = play(trace(finished), { from: baseline() })
    const old = { ...settled, occasion: 'snapshot' as const }
    const [, newest = settled] = trace(finished)
    const { steps } = play(
      [
        { ...old, observedAt: iso(minute) },
        { ...newest, observedAt: iso(2 * minute) },
        { ...old, observedAt: iso(7 * minute) },
      ],
      { from: tracked },
    )
    assert.equal(steps.at(-1)?.outcome, 'older')
  })

  test('a uid that was seen deleted never comes back', () => {
    const { said, steps } = play(trace('0 DELETED'), { from: baseline() })
    assert.equal(said, 'deleted')
    const { tracked } = steps[0] ?? {}
    const back = play([{ ...settled, observedAt: iso(9_000), generation: 7 }], { from: tracked })
    assert.equal(back.said, '')
    assert.equal(back.tracked, tracked)
  })

  test('a uid that was replaced never comes back', () => {
    const { tracked } = play(trace('0 uid2 obs1'), { from: baseline() })
    const back = play([{ ...settled, observedAt: iso(9_000), generation: 7 }], { from: tracked })
    assert.equal(back.steps[0]?.outcome, 'gone-uid')
  })

  test('a uid made within the same second takes the place of the one before, an older one does not', () => {
    const known = baseline()
    const made = (creationTimestamp: string) =>
      play([{ ...settled, uid: 'uid2', creationTimestamp }], { from: known }).tracked?.rollout.uid
    assert.equal(made(settled.creationTimestamp), 'uid2')
    assert.equal(made('2026-10-31T23:59:59Z'), 'uid1')
  })

  test('a Deployment that a sweep missed comes back silently, and its next rollout is told', () => {
    const known = baseline()
    assert.ok(known)
    const { tracked } = swept(known, beganMs)
    const back = play([{ ...settled, observedAt: iso(9_000) }], { from: tracked })
    assert.equal(back.said, '')
    assert.equal(back.tracked?.rollout.phase, 'complete')
    const next = trace('10000 gen2 T=B')
    assert.equal(play(next, { from: back.tracked }).said, 'started')
  })

  test('one that is gone before it was ever known is told as deleted and nothing else', () => {
    assert.equal(play(trace('0 DELETED')).said, 'deleted')
    assert.equal(play(trace('0 terminating')).tracked, undefined)
  })

  test('what was seen before changes nothing and is not stored', () => {
    const known = baseline()
    const { steps, tracked } = play([{ ...settled, observedAt: iso(9_000) }], { from: known })
    assert.equal(steps[0]?.outcome, 'unchanged')
    assert.equal(tracked, known)
  })
})

describe('a complete rollout', () => {
  const known = baseline()
  const news: Readonly<Record<string, Partial<DeploymentObservation>>> = {
    'the counters': { resourceVersion: '777', replicas: { ...settled.replicas, available: 1 } },
    'the revision': { resourceVersion: '777', revision: '9' },
    'the annotations of its namespace': { namespaceAnnotations: { 'hermod.uswitch.com/slack': 'shop' } },
    'that its namespace is listed': { namespaceListed: true },
    'its template under another key': { template: { ...settled.template, keyId: 'k2', digest: 'k2(A)' } },
    'its ReplicaSet': trace('0 rs')[0] ?? {},
  }
  for (const [what, change] of Object.entries(news)) {
    test(`keeps ${what} up to date, in silence`, () => {
      const { steps, tracked, said } = play([{ ...settled, ...change }], { from: known })
      assert.equal(said, '')
      assert.equal(steps[0]?.outcome, 'noted')
      assert.equal(play([{ ...settled, ...change }], { from: tracked }).steps[0]?.outcome, 'unchanged')
    })
  }
})

describe('the time of a transition', () => {
  test('is spelled as Date spells it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8.64e15 / 2000 }), (ms) => {
        assert.equal(isoTime(ms), new Date(ms).toISOString())
      }),
      { numRuns: 5_000 },
    )
  })

  test('stands in the rollout for as long as it says something', () => {
    const times = (events: string) => play(trace(events), { from: baseline() }).tracked?.rollout.times
    const paused = '0 gen2 T=B\n2000 gen3 obs3 U0 paused P=DeploymentPaused'
    assert.equal(times(paused)?.pausedAt, iso(2_000))
    assert.equal(times(paused)?.deadlineAt, undefined)
    const resumed = times(`${paused}\n9000 gen4 obs4 resumed P=DeploymentResumed`)
    assert.equal(resumed?.pausedAt, undefined)
    assert.equal(resumed?.deadlineAt, iso(609_000))
    assert.equal(times('0 gen2 obs2 T=B U0 deadline=2147483647')?.deadlineAt, undefined)
    const recovered = times('0 gen2 obs2 T=B U0 deadline=5\n9000 P=ProgressDeadlineExceeded\n20000 R2 U2 av2')
    assert.deepEqual([recovered?.failedAt, recovered?.finishedAt], [iso(9_000), iso(20_000)])
  })

  test('is the time of the stream when the watcher was awake', () => {
    const { steps } = play(trace('7 gen2 T=B'), { from: baseline() })
    assert.equal(steps[0]?.transitions[0]?.at, iso(7))
  })

  test("is the cluster's own when a snapshot finds what finished while we were away", () => {
    const [seen = settled] = trace(`600000 gen2 obs2 T=B rev2 snapshot`)
    const available = { ...settled.conditions[0], lastUpdateTime: '2026-11-22T12:03:12Z' }
    const conditions = [
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: '', ...available },
    ]
    const changedBy = { manager: 'helm', operation: 'Update', time: '2026-11-22T12:02:00Z' }
    const { steps } = play([{ ...seen, conditions, changedBy }], { from: baseline() })
    const [late] = steps[0]?.transitions ?? []
    assert.equal(late?.kind, 'succeeded')
    assert.equal(late.at, '2026-11-22T12:03:12.000Z')
    assert.equal(late.rollout.times.startedAt, '2026-11-22T12:02:00.000Z')
  })
})

function iso(ms: number): string {
  return new Date(beganMs + ms).toISOString()
}
