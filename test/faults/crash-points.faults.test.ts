import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sweepCrashPoints } from '../chaos/crash-points.ts'

const sideBySide = 4
/** Fewer would mean that the proxies see only a part. */
const leastPoints = 40

test('killed at each request of a rollout, before it is forwarded and with its reply held, no service loses or doubles', async (t) => {
  const { points, problems } = await sweepCrashPoints(sideBySide, (line) => t.diagnostic(line))
  t.diagnostic(`figures: ${points.length} points`)
  assert.deepEqual(problems, [])
  assert.ok(points.length >= leastPoints, `only ${points.length} points`)
})
