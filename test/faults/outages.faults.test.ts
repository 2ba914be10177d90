import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, type TestContext, test } from 'node:test'
import { type ChaosBed, startChaosBed } from '../chaos/bed.ts'
import {
  apiServerKilled,
  clocksJump,
  linksHalfOpen,
  natsFrozen,
  type Outage,
  sigtermStorm,
  slackInTrouble,
} from '../chaos/outages.ts'

/** A dead link is noticed within 27 s, and all that waited is told then. */
const toldWithinMs = 60_000

const leastUnderWay = 20
const seed = randomInt(2 ** 31)
let bed: ChaosBed

before(async () => {
  bed = await startChaosBed({ seed, lanes: 24, deployments: 96, killsApiServer: true, shiftsClocks: true })
})

after(() => bed[Symbol.asyncDispose]())

/** What ended meanwhile is told soon after, and nothing else is. */
async function endure(t: TestContext, outage: Outage, lastsMs: number): Promise<void> {
  t.diagnostic(`seed ${seed}`)
  await bed.untilUnderWay(leastUnderWay)
  await bed.amid(() => outage(bed, lastsMs))
  const waiting = bed.load.untold.length
  const tookMs = await bed.untilTold(toldWithinMs)
  assert.deepEqual(bed.missteps(), [])
  t.diagnostic(
    `figures: ${lastsMs / 1_000} s, ${waiting} ends waited, all told ${(tookMs / 1_000).toFixed(1)} s after it`,
  )
}

test('the API server is killed with 20 rollouts under way: all is told, once', (t) =>
  endure(t, apiServerKilled, 5_000))

test('nats-server is frozen by SIGSTOP with 20 rollouts under way: all is told, once', (t) =>
  endure(t, natsFrozen, 25_000))

test('the links to NATS and to the API server are half-open with 20 rollouts under way: all is told, once', (t) =>
  endure(t, linksHalfOpen, 30_000))

test('Slack answers 429, answers 503, hangs and loses replies, each in channels of its own: all is told, once', (t) =>
  endure(t, slackInTrouble, 30_000))

test('the clocks of the services jump by up to ten minutes, each its own way: all is told, once', (t) =>
  endure(t, clocksJump, 15_000))

test('all services get SIGTERM again and again at once: all is told, once', (t) =>
  endure(t, sigtermStorm, 15_000))

test('after all these outages nothing is lost, doubled or wrong, and no secret was said', async (t) => {
  const { problems, figures } = await bed.verdict()
  t.diagnostic(`figures: ${figures}`)
  assert.deepEqual(problems, [])
})
