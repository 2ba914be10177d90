import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resumeLine, undoLine } from './command.ts'
import { after, rollout } from './testdata/rollouts.ts'

describe('a line to paste into a shell', () => {
  it('goes back to the last revision that worked', () => {
    assert.equal(
      undoLine(rollout(), after(0)),
      'Last good 2.4.0 (revision 41, 3 d old): `kubectl -n shop rollout undo deployment/checkout --to-revision=41`',
    )
  })

  it('names no revision that is not a number, nor the one that fails', () => {
    const good = rollout().lastGood
    assert.ok(good)
    for (const revision of [undefined, '41; rm -rf /', '42'])
      assert.match(
        undoLine(rollout({ lastGood: { ...good, revision } }), after(0)) ?? '',
        /No earlier version/,
      )
  })

  it('is not made of names that a shell could read otherwise', () => {
    for (const name of ['x; rm -rf /', '$(id)', '-x', 'a b', "a'b"]) {
      assert.equal(undoLine(rollout({ name }), after(0)), undefined)
      assert.equal(resumeLine(rollout({ namespace: name })), undefined)
    }
  })
})
