import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentObservation } from '@hermod/contracts'
import fc from 'fast-check'
import type { Tracked } from './rollout.ts'
import { advance } from './rollout-state-machine.ts'
import { controllerTraces } from './testdata/controller-traces.ts'
import { settled, trace } from './testdata/trace.ts'

/** By how much the clocks of cluster and watcher are ahead of the stream's. */
interface Skew {
  readonly clusterMs: number
  readonly watcherMs: number
}

const aligned: Skew = { clusterMs: 0, watcherMs: 0 }
const tenMinutes = 600_000

function later(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString()
}

function skewed(seen: DeploymentObservation, { clusterMs, watcherMs }: Skew): DeploymentObservation {
  const { conditions, newReplicaSet, changedBy } = seen
  return {
    ...seen,
    creationTimestamp: later(seen.creationTimestamp, clusterMs),
    observedAt: later(seen.observedAt, watcherMs),
    conditions: conditions.map((each) =>
      each.lastUpdateTime === undefined
        ? each
        : { ...each, lastUpdateTime: later(each.lastUpdateTime, clusterMs) },
    ),
    newReplicaSet: newReplicaSet && {
      ...newReplicaSet,
      creationTimestamp: later(newReplicaSet.creationTimestamp, clusterMs),
    },
    changedBy:
      changedBy?.time === undefined ? changedBy : { ...changedBy, time: later(changedBy.time, clusterMs) },
  }
}

/** Every transition with what changed. */
function told(events: string, skew: Skew): string[] {
  const [start = settled] = trace('0 rs')
  const observations = [start, ...trace(events.replaceAll(/(T=|uid)\S+/g, '$& rs'), start)]
  let tracked: Tracked | undefined
  return observations.flatMap((seen, index) => {
    const nowMs = Date.parse(seen.observedAt)
    const step = advance(tracked, skewed(seen, skew), { nowMs, namespaceKnown: index > 0 })
    tracked = step.tracked
    return step.transitions.map(({ kind, rollout }) => `${kind} ${rollout.change.classes.join('+')}`)
  })
}

const stale = `
  0 gen2 T=B deadline=10
  30 obs2 U0 rev2 P=NewReplicaSetCreated
  40 R3 U1 P=ReplicaSetUpdated
  10100 gen3 T=A
  10120 rev3
  10130 obs3 U2 R3 P=ProgressDeadlineExceeded
  10600 R2 P=NewReplicaSetAvailable`
const updates = `
  0 gen2 T=B
  30 obs2 rev2 P=NewReplicaSetAvailable
  60000 gen3 T=C
  60030 obs3 U0 rev3 P=NewReplicaSetCreated
  60600 U2 P=NewReplicaSetAvailable`

describe('clocks that differ by ten minutes', () => {
  const skew = fc.record({
    clusterMs: fc.integer({ min: -tenMinutes, max: tenMinutes }),
    watcherMs: fc.integer({ min: -tenMinutes, max: tenMinutes }),
  })

  test('change no word of what the real controller does', () => {
    const all = [stale, updates, ...controllerTraces.map(({ events }) => events)]
    fc.assert(
      fc.property(fc.constantFrom(...all), skew, (events, drawn) => {
        assert.deepEqual(told(events, drawn), told(events, aligned))
      }),
      { numRuns: 500 },
    )
  })

  for (const [what, events] of Object.entries({
    'a deadline left by another attempt': stale,
    'a new image': updates,
  })) {
    for (const clusterMs of [-tenMinutes, tenMinutes]) {
      for (const watcherMs of [-tenMinutes, tenMinutes]) {
        test(`${what}: cluster ${clusterMs} ms, watcher ${watcherMs} ms`, () => {
          assert.deepEqual(told(events, { clusterMs, watcherMs }), told(events, aligned))
        })
      }
    }
  }
})
