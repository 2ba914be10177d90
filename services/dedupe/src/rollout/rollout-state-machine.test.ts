import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { baseline, play, settled, trace } from './testdata/trace.ts'

interface Row {
  readonly action: string
  readonly events: string
  readonly says: string
  readonly ends: string
}

/** What the real controller does at each action, event by event, on a Deployment of two pods that was complete. */
const rows: readonly Row[] = [
  {
    action: 'an image update is started and succeeds',
    events: `
      7 gen2 T=B
      15 rev2 P=NewReplicaSetCreated
      34 obs2 U0
      41 R3 U1 P=ReplicaSetUpdated
      343 av3
      368 R2 av2
      373 U2 R3
      678 av3
      695 R2 av2 P=NewReplicaSetAvailable`,
    says: 'started succeeded',
    ends: 'complete',
  },
  { action: 'the same image again is silent', events: '5', says: '', ends: 'complete' },
  {
    action: 'an annotation or another field of spec is silent, though the generation rises',
    events: `
      5 gen2
      15 obs2`,
    says: '',
    ends: 'complete',
  },
  {
    action: 'scaling up is silent',
    events: `
      6 gen2 s4
      18 obs2
      33 U2
      42 R4 U4
      339 av3
      354 av4`,
    says: '',
    ends: 'complete',
  },
  {
    action: 'scaling to zero is silent',
    events: `
      6 gen2 s0
      14 obs2
      33 R0 U0 av0`,
    says: '',
    ends: 'complete',
  },
  {
    action: 'image and replicas in one patch are not complete while the old pods are counted',
    events: `
      6 gen2 T=B s3
      15 obs2 U0
      38 rev2 P=NewReplicaSetCreated
      46 R4 U1 P=ReplicaSetUpdated
      600 R4 U3 av3
      1054 R3 av3 P=NewReplicaSetAvailable`,
    says: 'started succeeded',
    ends: 'complete',
  },
  {
    action: 'a rollback by another tool names no new ReplicaSet and is told like any other',
    events: `
      0 gen2 T=B
      20 obs2 U2 rev2 R2 P=NewReplicaSetAvailable
      1000 gen3 T=A
      1011 rev3
      1026 obs3 U0
      1030 R3 U1 P=ReplicaSetUpdated
      1805 R2 U2 av2 P=NewReplicaSetAvailable`,
    says: 'started succeeded started succeeded',
    ends: 'complete',
  },
  {
    action: 'a rollback with Recreate succeeds though Progressing never changes',
    events: `
      0 gen2 T=B
      20 obs2 rev2 P=NewReplicaSetAvailable
      1000 gen3 T=A
      1023 rev3
      1051 obs3 U0
      1076 R0 av0
      1099 R2 U2
      1506 av2`,
    says: 'started succeeded started succeeded',
    ends: 'complete',
  },
  {
    action: 'a rollback with zero replicas succeeds though Progressing names the old ReplicaSet',
    events: `
      0 gen2 T=B s0 R0 U0 av0
      20 obs2 rev2 P=NewReplicaSetAvailable
      1000 gen3 T=A
      1010 rev3
      1024 obs3`,
    says: 'started succeeded started succeeded',
    ends: 'complete',
  },
  {
    action: 'a rollback with Recreate onto pods that never come fails by our own deadline',
    events: `
      0 gen2 T=B deadline=3
      20 obs2 rev2 P=NewReplicaSetAvailable
      1000 gen3 T=A
      1023 rev3
      1051 obs3 U0
      1076 R0 av0
      1099 R2 U2
      4000 again
      4200 again
      9000 again`,
    says: 'started succeeded started progressed failed',
    ends: 'failed',
  },
  {
    action: 'a rollback that a quota blocks is stalled at once and fails by our own deadline',
    events: `
      0 gen2 T=B deadline=3
      20 obs2 rev2 P=NewReplicaSetAvailable
      1000 gen3 T=A
      1020 rev3 obs3 U0
      1163 F=web-A
      5000 again
      9000 again`,
    says: 'started succeeded started stalled failed',
    ends: 'failed',
  },
  {
    action: 'a new ReplicaSet under a quota is stalled at once, and lives when the quota is lifted',
    events: `
      7 gen2 T=B
      16 rev2 P=NewReplicaSetCreated
      27 obs2 U0 F=web-B
      6000 again
      10300 F- R3 U1 P=ReplicaSetUpdated
      10900 R2 U2 av2 P=NewReplicaSetAvailable`,
    says: 'started stalled progressed succeeded',
    ends: 'complete',
  },
  {
    action: 'scaling up under a quota is silent: a failure with no rollout',
    events: `
      6 gen2 s4
      18 obs2
      30 F=web-A`,
    says: '',
    ends: 'complete',
  },
  {
    action: 'pause, image, scale and resume',
    events: `
      7 gen2 paused
      12 P=DeploymentPaused
      20 obs2
      1000 gen3 T=B
      1001 obs3 U0
      2000 gen4 s3
      2010 obs4 R3 av3
      9000 gen5 resumed
      9004 P=DeploymentResumed
      9022 rev2
      9029 obs5
      9035 R4 U1 P=ReplicaSetUpdated
      9800 R3 U3 av3 P=NewReplicaSetAvailable`,
    says: 'started paused resumed succeeded',
    ends: 'complete',
  },
  {
    action: 'a pause in mid-rollout stops the deadline',
    events: `
      7 gen2 T=B deadline=3
      34 obs2 U0 rev2 P=NewReplicaSetCreated
      41 R3 U1 P=ReplicaSetUpdated
      100 gen3 paused P=DeploymentPaused
      110 obs3
      60000 again
      70000 gen4 resumed P=DeploymentResumed
      70010 obs4
      71000 R2 U2 av2 P=NewReplicaSetAvailable`,
    says: 'started paused resumed succeeded',
    ends: 'complete',
  },
  {
    action: 'with zero replicas the whole rollout takes 16 ms',
    events: `
      0 gen2 s0 R0 U0 av0
      5 obs2
      6 gen3 T=B
      15 rev2 P=NewReplicaSetCreated
      22 obs3 P=NewReplicaSetAvailable`,
    says: 'started succeeded',
    ends: 'complete',
  },
  {
    action: 'a deadline exceeded is one failure however often it flips, and one recovery',
    events: `
      7 gen2 T=B deadline=3
      34 obs2 U0 rev2 P=NewReplicaSetCreated
      41 R3 U1 P=ReplicaSetUpdated
      3937 P=ProgressDeadlineExceeded
      6038 P=ReplicaSetUpdated R3 U2 av3
      9938 P=ProgressDeadlineExceeded
      12075 P=ReplicaSetUpdated
      12087 R2 av2 P=NewReplicaSetAvailable`,
    says: 'started failed recovered',
    ends: 'complete',
  },
  {
    action: 'after a failure the fix is a rollout of its own, free of the old verdict',
    events: `
      7 gen2 T=B deadline=3
      34 obs2 U0 rev2 R3 U1 P=ReplicaSetUpdated
      3937 P=ProgressDeadlineExceeded
      9000 gen3 T=C
      9005 rev3 P=NewReplicaSetCreated
      9030 obs3 U0
      9040 R3 U1 P=ReplicaSetUpdated
      9900 R2 U2 av2 P=NewReplicaSetAvailable`,
    says: 'started failed started succeeded',
    ends: 'complete',
  },
  {
    action: 'a fix by undo onto pods that had stayed takes 30 ms',
    events: `
      7 gen2 T=B deadline=3
      34 obs2 U0 rev2 R3 U1 P=ReplicaSetUpdated
      3937 P=ProgressDeadlineExceeded
      9000 gen3 T=A
      9011 rev3
      9027 obs3 U2 P=ReplicaSetUpdated
      9030 R2 P=NewReplicaSetAvailable`,
    says: 'started failed started succeeded',
    ends: 'complete',
  },
  {
    action: 'a rollback from a failure whose verdict stays for ever succeeds all the same',
    events: `
      7 gen2 T=B deadline=3
      34 obs2 U0 rev2 R2 U2 av0 P=ReplicaSetUpdated
      3937 P=ProgressDeadlineExceeded
      9000 gen3 T=A
      9011 rev3
      9027 obs3 U0 R0
      9500 R2 U2
      9900 av2`,
    says: 'started failed started succeeded',
    ends: 'complete',
  },
  {
    action: 'A, B and 400 ms later C: B is overtaken',
    events: `
      5 gen2 T=B
      27 obs2 rev2 R3 U1 P=NewReplicaSetCreated
      412 gen3 T=C
      419 rev3 P=NewReplicaSetCreated
      442 obs3 U0
      447 U1 P=ReplicaSetUpdated
      1519 R2 U2 av2 P=NewReplicaSetAvailable`,
    says: 'started superseded started succeeded',
    ends: 'complete',
  },
  {
    action: 'A, B and 400 ms later A again: overtaken, and done within 36 ms',
    events: `
      5 gen2 T=B
      27 obs2 rev2 R3 U1 P=NewReplicaSetCreated
      411 gen3 T=A
      422 rev3
      433 obs3 U3 P=ReplicaSetUpdated
      447 R2 U2 P=NewReplicaSetAvailable`,
    says: 'started superseded started succeeded',
    ends: 'complete',
  },
  {
    action: 'A, B and C back to back: revision 2 never shows',
    events: `
      7 gen2 T=B
      10 gen3 T=C
      25 rev3 P=NewReplicaSetCreated
      40 obs3 U0
      50 R3 U1 P=ReplicaSetUpdated
      900 R2 U2 av2 P=NewReplicaSetAvailable`,
    says: 'started superseded started succeeded',
    ends: 'complete',
  },
  {
    action: 'scaling in mid-rollout changes nothing about it',
    events: `
      7 gen2 T=B
      34 obs2 U0 rev2 P=NewReplicaSetCreated
      41 R3 U1 P=ReplicaSetUpdated
      311 gen3 s4
      329 obs3
      341 R5 U2
      1992 R4 U4 av4 P=NewReplicaSetAvailable`,
    says: 'started succeeded',
    ends: 'complete',
  },
  {
    action: 'with minReadySeconds ready pods are not yet available ones',
    events: `
      7 gen2 T=B
      34 obs2 U0 rev2 P=NewReplicaSetCreated
      41 R3 U1 P=ReplicaSetUpdated
      340 rdy3
      2689 av3
      2700 R3 U2
      5690 rdy3
      5703 R2 U2 av2 P=NewReplicaSetAvailable`,
    says: 'started progressed progressed succeeded',
    ends: 'complete',
  },
  {
    action: 'Recreate is not complete while nothing has happened but the controller looking',
    events: `
      6 gen2 T=B
      16 obs2 U0
      46 rev2 P=NewReplicaSetCreated R0 av0
      82 R2 U2 P=ReplicaSetUpdated
      383 av2 P=NewReplicaSetAvailable`,
    says: 'started succeeded',
    ends: 'complete',
  },
  { action: 'deletion is told once', events: '11 DELETED', says: 'deleted', ends: 'deleted' },
  {
    action: 'deletion in the foreground mutes all that happens until it is gone',
    events: `
      9 gen2 terminating
      20 obs2
      40 R0 U0 av0
      145 DELETED`,
    says: 'deleted',
    ends: 'deleted',
  },
  {
    action: 'deletion in mid-rollout ends it',
    events: `
      7 gen2 T=B
      20 obs2 U0 R3 U1
      30 gen3 terminating
      40 R0 U0 av0 P=ProgressDeadlineExceeded
      145 DELETED`,
    says: 'started deleted',
    ends: 'deleted',
  },
  {
    action: 'delete and recreate under the same name are two Deployments',
    events: `
      9 DELETED
      14 uid2 obs0 rev- R0 U0 av0 P-
      19 rev1 P=NewReplicaSetCreated
      56 obs1
      60 R2 U2 P=ReplicaSetUpdated
      385 av2 P=NewReplicaSetAvailable`,
    says: 'deleted started succeeded',
    ends: 'complete',
  },
  {
    action: 'a new uid tells of the deletion that a gap in the watch hid',
    events: `
      14 uid2 obs0 rev- R0 U0 av0 P-
      56 obs1 R2 U2 rev1 P=ReplicaSetUpdated
      385 av2 P=NewReplicaSetAvailable`,
    says: 'deleted started succeeded',
    ends: 'complete',
  },
  {
    action: 'a namespace that is being deleted looks like an outage and is none',
    events: `
      5000 av0 R0 U0
      5145 DELETED`,
    says: 'deleted',
    ends: 'deleted',
  },
  {
    action: 'a revision annotation set by hand is silent',
    events: '0 rev99\n6 rev1',
    says: '',
    ends: 'complete',
  },
  {
    action: 'pods lost after the end are an outage and no rollout',
    events: `
      5000 av1
      9000 av0
      900000 snapshot`,
    says: '',
    ends: 'complete',
  },
  {
    action: 'an environment-only change is a rollout',
    events: `
      7 gen2 T=A!
      34 obs2 U0 rev2 R3 U1 P=ReplicaSetUpdated
      695 R2 U2 av2 P=NewReplicaSetAvailable`,
    says: 'started succeeded',
    ends: 'complete',
  },
  {
    action: 'a ReplicaSet that cannot be created is stalled at once and fails by our own deadline',
    events: `
      7 gen2 T=B deadline=3
      16 P=ReplicaSetCreateError
      2000 again
      5000 again
      9000 again`,
    says: 'started stalled failed',
    ends: 'failed',
  },
]

describe('advance, on what the real controller does', () => {
  for (const { action, events, says, ends } of rows) {
    test(action, () => {
      const played = play(trace(events), { from: baseline() })
      assert.equal(played.said, says)
      assert.equal(played.tracked?.rollout.phase, ends)
    })

    test(`${action}; also when the new ReplicaSet is always known`, () => {
      const withReplicaSets = events.replaceAll(/(T=|uid)\S+/g, '$& rs')
      const start = trace('0 rs')[0] ?? settled
      const played = play(trace(withReplicaSets, start), { from: baseline(start) })
      assert.equal(played.said, says)
      assert.equal(played.tracked?.rollout.phase, ends)
    })
  }

  test('a new Deployment of a known namespace is started and succeeds', () => {
    const created = trace(`
      8 uid2 obs0 rev- R0 U0 av0 P-
      19 rev1 P=NewReplicaSetCreated
      56 obs1 R2 U2 P=ReplicaSetUpdated
      385 av2 P=NewReplicaSetAvailable`)
    const { said, steps } = play(created)
    assert.equal(said, 'started succeeded')
    assert.deepEqual(steps[0]?.transitions[0]?.rollout.change.classes, ['new-deployment'])
  })
})
