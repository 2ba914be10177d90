import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isToldBy } from './await-receipt.ts'
import { baseline, play, trace } from './rollout/testdata/trace.ts'

const [failed, recovered] = play(
  trace(`
    0 gen2 T=B deadline=10
    30 obs2 U0 rev2 R3 U1
    10100 P=ProgressDeadlineExceeded
    20000 R2 U2 av2 P=NewReplicaSetAvailable`),
  { from: baseline() },
)
  .steps.flatMap(({ transitions }) => transitions)
  .filter(({ kind }) => kind === 'failed' || kind === 'recovered')
assert.ok(failed && recovered)

const { attempt } = failed.rollout
const before = new Date(Date.parse(failed.at) - 1_000).toISOString()

for (const [what, result, receipt, isTold] of [
  ['of its own', failed, { kind: 'failed', at: failed.at, attempt }, true],
  ['of what it was before', failed, { kind: 'stalled', at: before, attempt }, false],
  ['of its start, by a clock that is ahead', failed, { kind: 'started', at: recovered.at, attempt }, false],
  ['of the result before', recovered, { kind: 'failed', at: failed.at, attempt }, false],
  ['of the result after', failed, { kind: 'recovered', at: recovered.at, attempt }, true],
  ['of an attempt before', failed, { kind: 'succeeded', at: before, attempt: attempt - 1 }, false],
  ['of an attempt after', failed, { kind: 'started', at: recovered.at, attempt: attempt + 1 }, true],
] as const) {
  test(`a receipt ${what} ${isTold ? 'stands' : 'does not stand'} for a result`, () => {
    assert.equal(isToldBy(receipt, result), isTold)
  })
}
