import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { plays, wordsOf } from '../testdata/plays/perform.ts'
import { observationsOf, recordedPlays } from './testdata/recorded.ts'
import { play } from './testdata/trace.ts'

describe('advance, on recordings of a real control plane', () => {
  test('every play is recorded', () => {
    assert.deepEqual([...recordedPlays.keys()].sort(), Object.keys(plays).sort())
  })

  for (const [what, { says, againAfterMs }] of Object.entries(plays)) {
    test(`${what}: ${says || 'silence'}`, () => {
      const observations = observationsOf(recordedPlays.get(what) ?? [], againAfterMs)
      assert.equal(wordsOf(play(observations).said), says)
    })
  }

  test('what is heard twice is said once, wherever it is repeated', () => {
    const drawn = fc.constantFrom(...Object.keys(plays)).chain((what) => {
      const events = recordedPlays.get(what) ?? []
      return fc.tuple(fc.constant(what), fc.array(fc.nat({ max: events.length - 1 }), { maxLength: 20 }))
    })
    fc.assert(
      fc.property(drawn, ([what, repeated]) => {
        const { says = '', againAfterMs } = plays[what] ?? {}
        const observations = observationsOf(recordedPlays.get(what) ?? [], againAfterMs)
        const heard = observations.flatMap((seen, index) =>
          repeated
            .filter((each) => each === index)
            .concat(index)
            .map(() => seen),
        )
        assert.equal(wordsOf(play(heard).said), says)
      }),
    )
  })
})
