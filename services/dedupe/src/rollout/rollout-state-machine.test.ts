import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { swept } from './end.ts'
import { advance } from './rollout-state-machine.ts'
import { controllerTraces } from './testdata/controller-traces.ts'
import { baseline, beganMs, play, settled, trace } from './testdata/trace.ts'

describe('advance, on what the real controller does', () => {
  for (const { action, events, says, ends } of controllerTraces) {
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

  test('a start counts no pod of the template before as updated', () => {
    const events = trace(`
      7 gen2 T=B
      15 rev2 P=NewReplicaSetCreated
      34 obs2 U0
      41 R3 U1 P=ReplicaSetUpdated`)
    const { steps } = play(events, { from: baseline() })
    assert.deepEqual(
      steps.map(({ tracked }) => tracked?.rollout.replicas.updated),
      [0, 0, 0, 1],
    )
    assert.equal(steps[0]?.transitions[0]?.rollout.replicas.available, 2)
  })

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

describe('advance, at the edges of a Deployment', () => {
  const gone = swept(baseline() ?? assert.fail(), beganMs).tracked
  const outcomes = (events: string, from = baseline()): readonly string[] =>
    play(trace(events), { from }).steps.map(({ outcome }) => outcome)

  test('one that a sweep missed comes back as it is, silently, unless it has another template', () => {
    const back = play(trace('900 again'), { from: gone })
    assert.equal(back.said, '')
    assert.equal(back.tracked?.rollout.phase, 'complete')
    assert.equal(back.tracked.rollout.reason, 'NewReplicaSetAvailable')
    assert.equal(play(trace('900 gen2 T=B'), { from: gone }).said, 'started')
  })

  test('one that is being deleted is no outage, whatever its counters do', () => {
    const ending = '0 gen2 T=B\n30 obs2 U0\n900 terminating\n2000000 R0 U0 av0 P=ProgressDeadlineExceeded'
    assert.equal(play(trace(ending), { from: baseline() }).said, 'started')
    assert.deepEqual(outcomes(ending).slice(2), ['terminating', 'terminating'])
  })

  test('one that is first seen while it is being deleted is not taken up', () => {
    const { tracked, steps } = play(trace('0 terminating'))
    assert.equal(tracked, undefined)
    assert.deepEqual(steps[0], { tracked: undefined, transitions: [], outcome: 'terminating' })
  })

  test('a younger one that is being deleted replaces nothing yet', () => {
    assert.deepEqual(outcomes('0 uid2 terminating'), ['terminating'])
    assert.equal(play(trace('0 uid2 terminating\n900 DELETED'), { from: baseline() }).said, 'deleted deleted')
  })

  test('one of which nothing but the end is known is told as gone, and stays gone', () => {
    const { said, tracked, steps } = play(trace('0 DELETED\n900 changed'))
    assert.equal(said, 'deleted')
    assert.equal(tracked?.rollout.reason, 'Deleted')
    assert.deepEqual(tracked.past.goneUids, ['uid1'])
    assert.equal(steps[1]?.outcome, 'gone-uid')
  })

  test('an older stand is believed once snapshots have said so for five minutes', () => {
    const newer = play(trace('0 gen5 obs5'), { from: baseline() }).tracked
    const heard = (times: readonly number[]) =>
      times.reduce((tracked, atMs) => {
        const seen = { ...settled, occasion: 'snapshot' as const }
        return advance(tracked, seen, { nowMs: beganMs + atMs, namespaceKnown: true }).tracked
      }, newer)
    assert.equal(heard([1_000, 300_999])?.seen.generation, 5)
    assert.equal(heard([1_000, 301_000])?.seen.generation, 1)
    assert.equal(heard([1_000, 301_000])?.rollout.phase, 'complete')
    assert.equal(newer && outcomes('1000 gen1 obs1\n400000 again', newer).join(), 'older,older')
  })

  test('a restored cluster overtakes what was under way', () => {
    const open = play(trace('0 gen5 T=B\n30 obs5 U0'), { from: baseline() }).tracked
    const seen = { ...settled, occasion: 'snapshot' as const }
    const suspected = advance(open, seen, { nowMs: beganMs + 1_000, namespaceKnown: true })
    const restored = advance(suspected.tracked, seen, { nowMs: beganMs + 400_000, namespaceKnown: true })
    assert.deepEqual(
      restored.transitions.map(({ kind }) => kind),
      ['superseded'],
    )
    assert.equal(restored.tracked?.rollout.attempt, 1)
  })

  test('an observation of a uid that was replaced tells nothing', () => {
    const events = '0 uid2 obs1\n900 again'
    const { tracked } = play(trace(events), { from: baseline() })
    assert.deepEqual(outcomes('1000 changed', tracked), ['gone-uid'])
  })
})
