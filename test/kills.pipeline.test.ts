import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { playRounds } from './kill-run.ts'

test('with each process killed by -9 in the middle of rollouts, every end is told exactly once', async (t) => {
  const seed = randomInt(2 ** 31)
  t.diagnostic(`seed ${seed}: repeat it with npm run kills -- 6 ${seed}`)
  const { missing, doubled, unexpected } = await playRounds({
    rounds: 6,
    seed,
    tell: (line) => t.diagnostic(line),
  })
  assert.deepEqual({ missing, doubled, unexpected }, { missing: [], doubled: [], unexpected: [] })
})
