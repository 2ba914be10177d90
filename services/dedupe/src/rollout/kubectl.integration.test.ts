import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { kubectlRolloutStatus, type RolloutStatusLine } from '@hermod/testkit'
import { plays } from '../testdata/plays/perform.ts'
import { testimonyOf } from './conditions.ts'
import type { Tracked } from './rollout.ts'
import { advance } from './rollout-state-machine.ts'
import { rolloutStatus } from './rollout-status.ts'
import { observationsOf, recordedPlays } from './testdata/recorded.ts'

/** Where we differ on purpose, by what kubectl says and we do not. */
const differences: Readonly<Record<string, readonly string[]>> = {
  // kubectl fails on any ProgressDeadlineExceeded that stands, though another attempt left it there.
  'failed, not waiting': [
    'a failure and its undo',
    'a rollback in the second when the attempt before runs out of time',
  ],
  // kubectl waits for no pod of the new template that is to go.
  'done, not waiting': ['scaling up and down', 'scaling to zero'],
}

type Word = 'waiting' | 'done' | 'failed'

function kubectlWord({ done, error }: RolloutStatusLine): Word {
  if (error !== undefined) return 'failed'
  return done ? 'done' : 'waiting'
}

const ourWords = { waiting: 'waiting', complete: 'done', 'deadline-exceeded': 'failed' } as const

/** What our rules say of the rollout that each moment belongs to. */
function ourWordsOn(what: string): Word[] {
  let tracked: Tracked | undefined
  return observationsOf(recordedPlays.get(what) ?? []).map((seen) => {
    const nowMs = Date.parse(seen.observedAt)
    tracked = advance(tracked, seen, { nowMs, namespaceKnown: true }).tracked
    const { startedAt = seen.observedAt } = tracked?.rollout.times ?? {}
    const testimony = testimonyOf(seen, { inherited: {}, ...tracked?.watch, startedAt }, nowMs)
    return ourWords[rolloutStatus(seen, testimony).kind]
  })
}

describe('the rules of kubectl rollout status, on recordings of a real control plane', () => {
  for (const what of Object.keys(plays)) {
    test(what, async () => {
      const moments = recordedPlays.get(what) ?? []
      const judged = await kubectlRolloutStatus(moments.map(({ deployment }) => deployment as never))
      const theirs = judged.map(kubectlWord)
      const ours = ourWordsOn(what)
      assert.equal(theirs.length, ours.length)
      const differing = ours.flatMap((word, at) =>
        word === theirs[at] ? [] : [`${theirs[at]}, not ${word}`],
      )
      const expected = Object.keys(differences).filter((words) => differences[words]?.includes(what))
      assert.deepEqual([...new Set(differing)], expected)
    })
  }

  test('were held against some hundred moments', () => {
    const moments = [...recordedPlays.values()].flat()
    assert.ok(moments.length > 300, `${moments.length} are recorded`)
  })
})
