import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { controllerTraces } from './testdata/controller-traces.ts'
import { baseline, play, settled, trace } from './testdata/trace.ts'

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
