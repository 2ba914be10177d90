import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeploymentObservation, RolloutTransition } from '@hermod/contracts'
import fc from 'fast-check'
import { controllerTraces } from './testdata/controller-traces.ts'
import { baseline, type Played, play, settled, trace } from './testdata/trace.ts'

const hour = 3_600_000

/** Stream times never fall, whatever was observed when; and the last word is heard again later. */
function stamped(
  observations: readonly DeploymentObservation[],
  last: DeploymentObservation,
): DeploymentObservation[] {
  const times = observations.map((seen) => Date.parse(seen.observedAt)).sort((a, b) => a - b)
  const end = (times.at(-1) ?? Date.parse(last.observedAt)) + 1
  return [
    ...observations.map((seen, index) => ({ ...seen, observedAt: iso(times[index] ?? 0) })),
    { ...last, observedAt: iso(end) },
    { ...last, observedAt: iso(end + hour) },
  ]
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

const ofRollout = ({ rollout }: RolloutTransition): string => `${rollout.uid} ${rollout.attempt}`
const endsWell = new Set(['succeeded', 'recovered'])

/** Any of a trace's observations, any number of times, in any order. */
const disorder = fc.constantFrom(...controllerTraces).chain(({ action, events }) =>
  fc.record({
    action: fc.constant(action),
    events: fc.constant(events),
    replicaSetsKnown: fc.boolean(),
    heard: fc.array(fc.nat(events.split('\n').length - 1), { maxLength: events.split('\n').length * 2 }),
  }),
)

const [withReplicaSet = settled] = trace('0 rs')

interface Disorder {
  readonly replicaSetsKnown: boolean
  readonly events: string
  readonly heard: readonly number[]
}

function playDisorder({
  events,
  heard,
  replicaSetsKnown,
}: Disorder): Record<'orderly' | 'disorderly', Played> & { last: DeploymentObservation } {
  const words = replicaSetsKnown ? events.replaceAll(/(T=|uid)\S+/g, '$& rs') : events
  const start = replicaSetsKnown ? withReplicaSet : settled
  const observations = trace(words, start)
  const last = observations.at(-1) ?? start
  const from = baseline(start)
  const some = heard.map((index) => observations[index] ?? last)
  return {
    last,
    orderly: play(stamped(observations, last), { from }),
    disorderly: play(stamped(some, last), { from }),
  }
}

test('repeated, dropped and shuffled observations end in the same phase and repeat no final word', () => {
  fc.assert(
    fc.property(disorder, (drawn) => {
      const { last, orderly, disorderly } = playDisorder(drawn)
      const { steps, tracked } = disorderly
      // What began and ended unheard, A to B to A, may be told not at all.
      const unheard = last.template.digest === settled.template.digest && tracked?.rollout.attempt === 1
      if (!unheard) assert.equal(tracked?.rollout.phase, orderly.tracked?.rollout.phase)

      const transitions = steps.flatMap((step) => step.transitions)
      for (const [kinds, kind] of [
        [endsWell, 'a good end'],
        [new Set(['failed']), 'failed'],
        [new Set(['superseded']), 'superseded'],
        [new Set(['deleted']), 'deleted'],
        [new Set(['started']), 'started'],
      ] as const) {
        const said = transitions.filter((one) => kinds.has(one.kind)).map(ofRollout)
        assert.equal(new Set(said).size, said.length, `${kind} is said twice`)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('transitions of a rollout are numbered from 1 without a gap, under one epoch', () => {
  fc.assert(
    fc.property(disorder, (drawn) => {
      const transitions = playDisorder(drawn).disorderly.steps.flatMap((step) => step.transitions)
      for (const said of Map.groupBy(transitions, ofRollout).values()) {
        assert.deepEqual(
          said.map(({ n }) => n),
          said.map((_, index) => index + 1),
        )
        assert.equal(new Set(said.map(({ epoch }) => epoch)).size, 1)
      }
    }),
    { numRuns: 500 },
  )
})

test('the same observation at the same moment leads to the same transitions', () => {
  for (const { events } of controllerTraces) {
    const once = play(trace(events), { from: baseline() })
    const again = play(trace(events), { from: baseline() })
    assert.deepEqual(once.steps, again.steps)
  }
})
