import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Tracked } from './rollout.ts'
import { advance } from './rollout-state-machine.ts'
import { baseline, beganMs, play, trace } from './testdata/trace.ts'

/** Each word with when it was said, in ms since the start. */
function told(events: string): readonly string[] {
  return play(trace(events), { from: baseline() }).steps.flatMap(({ transitions }) =>
    transitions.map(({ kind, at }) => `${kind} ${Date.parse(at) - beganMs}`),
  )
}

function rolloutAfter(events: string) {
  return play(trace(events), { from: baseline() }).tracked?.rollout ?? assert.fail('nothing is known')
}

describe('a deadline of our own', () => {
  const silent = '0 gen2 T=B deadline=10\n30 obs2 U0 R3'

  test('is over that long after the last counter moved, to the millisecond, and says so', () => {
    assert.equal(rolloutAfter(`${silent}\n10029 again`).phase, 'progressing')
    const { phase, reason, message } = rolloutAfter(`${silent}\n10030 again`)
    assert.deepEqual([phase, reason, message], ['failed', 'ProgressDeadlineExceeded', 'No progress for 10 s'])
  })

  test('counts too while the controller cannot make the ReplicaSet, and then tells its words', () => {
    const stuck = '0 gen2 T=B deadline=10\n30 P=ReplicaSetCreateError'
    const { phase, reason, message } = rolloutAfter(`${stuck}\n10030 again`)
    assert.deepEqual([phase, reason], ['failed', 'ProgressDeadlineExceeded'])
    assert.match(message ?? '', /says ReplicaSetCreateError/)
  })

  test('counts for the next version too, though the controller takes up neither and repeats nothing', () => {
    const stuck = '0 gen2 T=B deadline=10\n30 P=ReplicaSetCreateError'
    const next = `${stuck}\n5000 gen3 T=C\n6000 again`
    assert.equal(rolloutAfter(next).phase, 'progressing')
    assert.equal(rolloutAfter(`${next}\n15000 again`).phase, 'failed')
    const patient = next.replace('deadline=10', 'deadline=60')
    assert.equal(rolloutAfter(`${patient}\n15000 again`).phase, 'stalled')
    assert.equal(rolloutAfter(`${patient}\n15000 obs3 U0 R2 P=ReplicaSetUpdated`).phase, 'progressing')
  })

  test('does not count how long an observation was on its way', () => {
    const looks = trace(`${silent}\n9000 again`)
    const late = looks.reduce<Tracked | undefined>((tracked, seen, index) => {
      const nowMs = Date.parse(seen.observedAt) + (index === looks.length - 1 ? 60_000 : 0)
      return advance(tracked, seen, { nowMs, namespaceKnown: true }).tracked
    }, baseline())
    assert.equal(late?.rollout.phase, 'progressing')
  })

  test('leaves the verdict to a controller that has spoken of this attempt', () => {
    assert.equal(rolloutAfter(`${silent}\n40 P=ReplicaSetUpdated\n20000 again`).phase, 'progressing')
  })

  test('does not count before the controller has looked', () => {
    assert.equal(rolloutAfter('0 gen2 T=B deadline=10\n20000 again').phase, 'progressing')
  })
})

describe('counters and explanations', () => {
  const underWay = '0 gen2 T=B s9\n30 obs2 U0 rev2 P=NewReplicaSetCreated'

  test('are told again after two seconds at the soonest', () => {
    assert.deepEqual(told(`${underWay}\n1999 U1 R3\n2000 again`), ['started 0', 'progressed 2000'])
    assert.deepEqual(told(`${underWay}\n1000 U1 R3\n2500 U2\n4499 U3\n4500 again`).slice(1), [
      'progressed 2500',
      'progressed 4500',
    ])
  })

  test('that stand still are not told again', () => {
    assert.deepEqual(told(`${underWay}\n2500 U1 R3\n60000 again`), ['started 0', 'progressed 2500'])
  })

  test('of a failure are told after two seconds at the soonest, and once', () => {
    const failed = `${underWay}\n600040 P=ProgressDeadlineExceeded`
    const explained = `${failed}\n602039 !Unhealthy\n602040 again\n610000 again`
    assert.deepEqual(told(explained).slice(1), ['failed 600040', 'progressed 602040'])
    assert.deepEqual(told(`${failed}\n610000 again`).slice(1), ['failed 600040'])
  })
})

describe('a rollout that is paused', () => {
  const paused = '0 gen2 T=B\n30 obs2 U0 rev2 P=NewReplicaSetCreated\n100 paused P=DeploymentPaused'

  test('says so, why, and when it goes on', () => {
    assert.deepEqual(told(`${paused}\n9000 resumed P=DeploymentResumed`), [
      'started 0',
      'paused 100',
      'resumed 9000',
    ])
    assert.equal(rolloutAfter(paused).reason, 'DeploymentPaused')
    assert.equal(rolloutAfter(`${paused}\n9000 resumed P=DeploymentResumed`).reason, 'DeploymentResumed')
  })

  test('tells of pods that go on meanwhile', () => {
    assert.deepEqual(told(`${paused}\n5000 U1 R3`).slice(2), ['progressed 5000'])
    assert.equal(rolloutAfter(`${paused}\n5000 U1 R3`).phase, 'paused')
  })
})
