import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { released, swept } from './end.ts'
import type { Step, Tracked } from './rollout.ts'
import { baseline, beganMs, play, trace } from './testdata/trace.ts'

const underWay = '0 gen2 T=B\n30 obs2 U0 rev2'

function after(events: string): Tracked {
  return play(trace(events), { from: baseline() }).tracked ?? assert.fail('nothing is known')
}

function kinds({ transitions }: Step): string {
  return transitions.map(({ kind }) => kind).join(' ')
}

describe('a namespace that left the scope', () => {
  test('is told to who waits for the end of a rollout, once', () => {
    const step = released(after(underWay), beganMs)
    assert.equal(kinds(step), 'released')
    assert.equal(step.transitions[0]?.rollout.phase, 'progressing')
    assert.equal(step.transitions[0]?.n, 2)
    assert.equal(kinds(released(step.tracked, beganMs)), '')
  })

  test('is nobody’s news where nothing is open', () => {
    assert.equal(kinds(released(after(`${underWay}\n900 R2 U2 av2`), beganMs)), '')
    assert.equal(kinds(released(baseline() ?? assert.fail(), beganMs)), '')
    const undecided = play(trace('0 gen3 T=B U0'), { namespaceKnown: false }).tracked
    assert.equal(kinds(released(undecided ?? assert.fail(), beganMs)), '')
  })
})

describe('a Deployment that is not listed any more', () => {
  test('was deleted, whether it was under way or a baseline, and is told once', () => {
    for (const tracked of [after(underWay), baseline() ?? assert.fail()]) {
      const step = swept(tracked, beganMs)
      assert.equal(kinds(step), 'deleted')
      assert.equal(step.tracked.rollout.phase, 'deleted')
      assert.equal(step.tracked.rollout.reason, 'NotListed')
      assert.equal(swept(step.tracked, beganMs).tracked, step.tracked)
    }
  })
})
