import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { baseline, play, trace } from './testdata/trace.ts'

const stuck = `
  0 gen2 T=B deadline=10
  34 obs2 U0 rev2 P=NewReplicaSetCreated
  41 R3 U1 P=ReplicaSetUpdated`
const failed = `${stuck}\n10900 P=ProgressDeadlineExceeded`
const stalled = `${stuck}\n900 !ImagePullBackOff`
// The ReplicaSets are scaled down one after the other, and the pods that showed the trouble are gone.
const toZero = `
  12000 gen3 s0
  12010 obs3
  12020 R1 U1 av0 !-
  12030 R0 U0 P=NewReplicaSetAvailable`

interface Row {
  readonly what: string
  readonly events: string
  readonly says: string
  readonly ends: string
  /** The image that counts as the last that worked. */
  readonly good: 'A' | 'B'
}

const rows: readonly Row[] = [
  {
    what: 'a failed rollout that is scaled to zero has not recovered',
    events: failed + toZero,
    says: 'started failed',
    ends: 'failed',
    good: 'A',
  },
  {
    what: 'it recovers when it is scaled up and its pods come',
    events: `${failed}${toZero}\n60000 gen4 s2\n60020 obs4\n60030 R2 U2\n61000 av2`,
    says: 'started failed recovered',
    ends: 'complete',
    good: 'B',
  },
  {
    what: 'a stalled rollout that is scaled to zero has not succeeded',
    events: `${stalled.replace('deadline=10', '')}${toZero}\n700000 again`,
    says: 'started stalled progressed progressed',
    ends: 'stalled',
    good: 'A',
  },
  {
    what: 'an image of a paused Deployment without pods is not rolled out before it is resumed',
    events: `
      0 gen2 s0
      10 obs2 R0 U0 av0
      1000 gen3 paused P=DeploymentPaused
      1010 obs3
      2000 gen4 T=B
      2010 obs4
      9000 gen5 resumed P=DeploymentResumed
      9020 rev2 obs5`,
    says: 'started paused resumed succeeded',
    ends: 'complete',
    good: 'A',
  },
  {
    what: 'an image without pods is rolled out at once, and is no version that has worked',
    events: `
      0 gen2 s0
      10 obs2 R0 U0 av0
      2000 gen3 T=B
      2015 rev2 P=NewReplicaSetCreated
      2022 obs3 P=NewReplicaSetAvailable`,
    says: 'started succeeded',
    ends: 'complete',
    good: 'A',
  },
]

describe('where no pod is wanted', () => {
  for (const { what, events, says, ends, good } of rows) {
    test(what, () => {
      const { said, tracked } = play(trace(events), { from: baseline() })
      assert.equal(said, says)
      assert.equal(tracked?.rollout.phase, ends)
      const [container] = tracked.past.good?.version.containers ?? []
      assert.equal(container?.image, `registry.example/web:${good}`)
    })
  }

  test('nothing is learnt of how long a rollout takes', () => {
    const { tracked } = play(trace(rows.at(-1)?.events ?? ''), { from: baseline() })
    assert.deepEqual(tracked?.past.secondsTaken, [])
  })
})
