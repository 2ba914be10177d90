import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import {
  cutPowerOfLazyNats,
  cutPowerOfSyncedNats,
  fillDiskOfNats,
  type PowerRun,
} from '../chaos/power-cuts.ts'
import type { RunResult } from '../chaos/run.ts'

async function withoutLoss(
  t: TestContext,
  run: (options: PowerRun) => Promise<RunResult>,
  cuts: number,
): Promise<void> {
  const { problems, figures } = await run({
    cuts,
    seed: randomInt(2 ** 31),
    tell: (line) => t.diagnostic(line),
  })
  t.diagnostic(`figures: ${figures}`)
  assert.deepEqual(problems, [])
}

test('ten power cuts of a NATS that flushes each write, with 20 rollouts under way: nothing is lost or doubled', (t) =>
  withoutLoss(t, cutPowerOfSyncedNats, 10))

test('power cuts of a NATS that does not flush take all its streams: flowing within 60 s without a hand', (t) =>
  withoutLoss(t, cutPowerOfLazyNats, 2))

test('the disk of NATS is full for a while: the watcher says so, and nothing is lost or doubled', (t) =>
  withoutLoss(t, fillDiskOfNats, 0))
