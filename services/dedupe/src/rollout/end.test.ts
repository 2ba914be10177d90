import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deleted, released, replaced, superseded, swept } from './end.ts'
import type { Step, Tracked } from './rollout.ts'
import { baseline, beganMs, play, settled, trace } from './testdata/trace.ts'

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

describe('what is still open when another attempt begins', () => {
  const before = after(underWay)
  const next = { ...after(`${underWay}\n9000 gen3 T=C`).rollout, reason: 'NewTemplate' }

  test('is superseded by it, from when it began, with the images that differ', () => {
    const [transition, ...more] = superseded(before, next, beganMs + 9_000)
    assert.deepEqual(more, [])
    assert.equal(transition?.kind, 'superseded')
    assert.equal(transition.at, next.times.startedAt)
    const { phase, reason, message, times, supersededBy } = transition.rollout
    assert.deepEqual([phase, reason, message], ['superseded', 'NewTemplate', undefined])
    assert.deepEqual(times, { ...before.rollout.times, finishedAt: next.times.startedAt })
    const images = [{ container: 'app', from: 'registry.example/web:B', to: 'registry.example/web:C' }]
    assert.deepEqual(supersededBy, { attempt: 3, images })
  })

  test('names no image that stays', () => {
    const same = { ...next, containers: before.rollout.containers }
    assert.deepEqual(superseded(before, same, beganMs)[0]?.rollout.supersededBy?.images, [])
    const [app] = next.containers
    assert.ok(app)
    const more = { ...next, containers: [...before.rollout.containers, { ...app, name: 'side' }] }
    const images = [{ container: 'side', from: undefined, to: app.image }]
    assert.deepEqual(superseded(before, more, beganMs)[0]?.rollout.supersededBy?.images, images)
  })

  test('is nothing after an end, or of which nobody heard', () => {
    assert.deepEqual(superseded(after(`${underWay}\n900 R2 U2 av2`), next, beganMs), [])
    assert.deepEqual(superseded({ ...before, voice: 'baseline' }, next, beganMs), [])
  })
})

describe('an end', () => {
  const open = after(underWay)
  const finishedAt = '2026-11-22T12:00:05.000Z'

  for (const [what, end, phase, reason] of [
    ['by DELETED', () => deleted(open, settled, beganMs + 5_000), 'deleted', 'Deleted'],
    ['by a younger one of its name', () => replaced(open, beganMs + 5_000), 'deleted', 'Replaced'],
    ['by a list without it', () => swept(open, beganMs + 5_000), 'deleted', 'NotListed'],
    ['by leaving the scope', () => released(open, beganMs + 5_000), 'progressing', 'NamespaceReleased'],
  ] as const) {
    test(`${what} says so, and when`, () => {
      const { tracked, outcome, transitions } = end()
      const { rollout } = tracked
      assert.deepEqual([rollout.phase, rollout.reason, rollout.message], [phase, reason, undefined])
      assert.deepEqual(rollout.times, { ...open.rollout.times, finishedAt })
      assert.equal(transitions[0]?.at, finishedAt)
      assert.equal(outcome, 'said')
    })
  }

  test('keeps when it was complete, and how many pods it had', () => {
    const complete = after(`${underWay}\n900 R2 U2 av2`)
    const { rollout } = deleted(
      complete,
      { ...settled, replicas: { ...settled.replicas, total: 9 } },
      beganMs,
    ).tracked
    assert.equal(rollout.times.finishedAt, complete.rollout.times.finishedAt)
    assert.deepEqual(rollout.replicas, complete.rollout.replicas)
  })

  for (const [what, end] of [
    ['DELETED', (tracked: Tracked) => deleted(tracked, settled, beganMs)],
    ['a younger one', (tracked: Tracked) => replaced(tracked, beganMs)],
  ] as const) {
    test(`that a sweep found before ${what} came is not said again, but its uid never comes back`, () => {
      const gone = swept(open, beganMs).tracked
      const { tracked, transitions, outcome } = end(gone)
      assert.deepEqual([transitions, outcome], [[], 'noted'])
      assert.deepEqual(tracked, { ...gone, past: { ...gone.past, goneUids: [open.rollout.uid] } })
    })
  }

  test('of what is not open, or gone already, is nothing new', () => {
    const gone = swept(open, beganMs).tracked
    assert.deepEqual(
      [swept(gone, beganMs).outcome, released(gone, beganMs).outcome],
      ['unchanged', 'unchanged'],
    )
  })
})
