import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentObservation } from '@hermod/contracts'
import fc from 'fast-check'
import { testimonyOf } from './conditions.ts'
import { controllerTraces } from './testdata/controller-traces.ts'
import { baseline, beganMs, play, settled, trace } from './testdata/trace.ts'

/** Template B never comes up; then something else is rolled out. */
const stuck = `
  0 gen2 T=B deadline=10
  30 obs2 U0 rev2 P=NewReplicaSetCreated
  40 R3 U1 P=ReplicaSetUpdated`
const failed = `${stuck}\n10600 P=ProgressDeadlineExceeded`

interface Row {
  readonly stale: string
  readonly events: string
  readonly says: string
  /** Only with its ReplicaSet known can the new template be told from the one before. */
  readonly needsReplicaSet?: true
}

const rows: readonly Row[] = [
  {
    stale: 'a rollback in the last second: the controller counts its deadline from the attempt before',
    events: `${stuck}
      10100 gen3 T=A
      10120 rev3
      10130 obs3 U2 R3 P=ProgressDeadlineExceeded
      10600 R2 P=NewReplicaSetAvailable`,
    says: 'started superseded started succeeded',
  },
  {
    stale: 'a new image in the last second, whose note of the new ReplicaSet a conflict loses',
    events: `${stuck}
      10100 gen3 T=C
      10130 rev3
      10140 obs3 U0 P=ProgressDeadlineExceeded
      10150 U1 P=ReplicaSetUpdated
      10600 R2 U2 av2 P=NewReplicaSetAvailable`,
    says: 'started superseded started succeeded',
  },
  {
    stale: 'the deadline of the attempt before stays with the new generation',
    events: `${failed}
      10700 gen3 T=C
      10730 rev3 obs3 U0
      10750 again
      11600 R2 U2 av2`,
    says: 'started failed started succeeded',
  },
  {
    stale: 'the deadline of the attempt before was never seen with its own generation',
    events: `${stuck}
      10700 gen3 obs3 rev3 T=C U0 P=ProgressDeadlineExceeded/B
      11600 R2 U2 av2`,
    says: 'started superseded started succeeded',
  },
  {
    stale: 'a deadline that was over too early stays, and so does the rollout: it fails when its own is over',
    events: `${stuck}
      10100 gen3 T=C
      10130 rev3 obs3 U0 P=ProgressDeadlineExceeded
      15000 again
      19000 again
      30000 again`,
    says: 'started superseded started failed',
  },
  {
    stale: 'a success of the ReplicaSet before stays for ever, in failure too',
    events: `
      0 gen2 T=B deadline=10
      20 obs2 rev2 P=NewReplicaSetAvailable
      1000 gen3 T=A
      1020 rev3 obs3 U0 R0 av0
      1100 R2 U2
      9000 again
      12000 again`,
    says: 'started succeeded started progressed failed',
  },
  {
    stale: 'a pod of the ReplicaSet before was refused when the new generation was already there',
    events: `
      0 gen2 T=B rs
      5 gen3 T=C rs
      30 obs3 rev3 U0 F=web-B
      60 R3 U1 F- P=ReplicaSetUpdated
      900 R2 U2 av2`,
    says: 'started superseded started succeeded',
    needsReplicaSet: true,
  },
  {
    stale: 'the refusal that stands is of this one',
    events: `
      0 gen2 T=B rs
      5 gen3 T=C rs
      30 obs3 rev3 U0 F=web-C`,
    says: 'started superseded started stalled',
  },
]

describe('a condition that speaks of another attempt', () => {
  for (const { stale, events, says, needsReplicaSet } of rows) {
    test(stale, () => {
      assert.equal(play(trace(events), { from: baseline() }).said, says)
    })
    if (needsReplicaSet) continue
    test(`${stale}; with ReplicaSets known`, () => {
      const known = events.replaceAll(/T=\S+/g, '$& rs')
      const start = trace('0 rs')[0] ?? settled
      assert.equal(play(trace(known, start), { from: baseline(start) }).said, says)
    })
  }

  test('is not the deadline of a rollout found under way, which began when its template was written', () => {
    const found = `
      600000 gen2 obs2 T=B U1 R3 wrote=300000 rs again P=ReplicaSetUpdated
      901000 again P=ProgressDeadlineExceeded`
    const { said, tracked } = play(trace(found), { namespaceKnown: false })
    assert.equal(said, 'started failed')
    assert.equal(tracked?.rollout.times.startedAt, '2026-11-22T12:05:00.000Z')
  })

  test('is no explanation on the card either', () => {
    const { tracked } = play(
      trace(`
        0 gen2 T=B
        30 obs2 rev2 U0 F=web-B !FailedCreate
        9000 gen3 T=C
        9010 obs3 rev3`),
      { from: baseline() },
    )
    assert.equal(tracked?.rollout.phase, 'progressing')
    assert.equal(tracked.rollout.diagnosis, undefined)
  })

  test('names a pod whose name begins like its ReplicaSet, cut where Kubernetes cuts it', () => {
    const refused = (rs: string, pod: string): boolean => {
      const [seen = settled] = trace('0 rs F=x')
      const newReplicaSet = seen.newReplicaSet && { ...seen.newReplicaSet, name: rs }
      const conditions = seen.conditions.map((each) => ({ ...each, message: `pods "${pod}" is forbidden` }))
      const attempt = { inherited: {}, startedAt: seen.observedAt }
      return testimonyOf({ ...seen, newReplicaSet, conditions }, attempt, 0).replicaFailure !== undefined
    }
    assert.equal(refused('web-75c', 'web-75c-x7k2p'), true)
    assert.equal(refused('web-75c', 'web-75c-'), true)
    assert.equal(refused('web-75c', 'web-8fd-x7k2p'), false)
    const long = `${'w'.repeat(60)}-75c`
    assert.equal(refused(long, `${'w'.repeat(58)}x7k2p`), true)
  })

  test('misleads at no moment: whatever stale condition shows up when, what succeeds has neither failed nor stalled', () => {
    // Ends well within the default deadline, so a deadline that is over cannot be its own.
    const endWell = controllerTraces.filter(
      ({ events, ends, says }) =>
        ends === 'complete' && !/stalled|failed|paused/.test(says) && !/deadline=|uid/.test(events),
    )
    const drawn = fc.constantFrom(...endWell).chain(({ events, says }) =>
      fc.record({
        events: fc.constant(events),
        says: fc.constant(says),
        ghosts: fc.array(fc.option(ghost, { nil: undefined }), { maxLength: events.split('\n').length }),
      }),
    )
    const finals = (said: string): string => said.replaceAll(/\bprogressed ?/g, '').trim()
    fc.assert(
      fc.property(drawn, ({ events, says, ghosts }) => {
        const known = events.replaceAll(/T=\S+/g, '$& rs')
        const start = trace('0 rs')[0] ?? settled
        const haunted = trace(known, start).map((seen, index) => {
          const conditions = ghosts[index]
          return conditions ? { ...seen, conditions: conditions(seen) } : seen
        })
        assert.equal(finals(play(haunted, { from: baseline(start) }).said), finals(says))
      }),
      { numRuns: 3_000 },
    )
  })
})

type Conditions = (seen: DeploymentObservation) => DeploymentObservation['conditions']

/** Progressing or ReplicaFailure as an earlier attempt may have left it. */
const ghost: fc.Arbitrary<Conditions> = fc.constantFrom<Conditions>(
  // Of another ReplicaSet, from any time before.
  progressing('False', 'ProgressDeadlineExceeded', () => 'web-Z'),
  progressing('True', 'NewReplicaSetAvailable', () => 'web-Z'),
  progressing('True', 'ReplicaSetUpdated', () => 'web-Z'),
  // Of this one by its words, but counted from what another left.
  progressing('False', 'ProgressDeadlineExceeded', ({ newReplicaSet }) => newReplicaSet?.name ?? ''),
  (seen) => [
    ...seen.conditions,
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: 'pods "web-Z-x7k2p" is forbidden',
    },
  ],
)

function progressing(
  status: string,
  reason: string,
  of: (seen: DeploymentObservation) => string,
): Conditions {
  return (seen) => {
    const message = `ReplicaSet "${of(seen)}" says so.`
    const lastUpdateTime = new Date(beganMs - 5_000).toISOString()
    return [{ type: 'Progressing', status, reason, message, lastUpdateTime }]
  }
}
