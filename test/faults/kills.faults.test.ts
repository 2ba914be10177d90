import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { killUnderLoad } from '../chaos/kill-under-load.ts'

const kills = 60
const terminations = 60

test('60 times kill -9 and 60 times SIGTERM with 20 rollouts under way: every end is told exactly once, and no secret', async (t) => {
  const seed = randomInt(2 ** 31)
  t.diagnostic(`repeat it with npm run kills -- ${kills} ${terminations} ${seed}`)
  const tell = (line: string): void => t.diagnostic(line)
  const { problems, figures } = await killUnderLoad({ kills, terminations, seed, tell })
  t.diagnostic(`figures: ${figures}`)
  assert.deepEqual(problems, [])
})
