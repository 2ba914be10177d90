import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rollout } from '@hermod/contracts'
import { eventually } from '@hermod/testkit'
import { startBed } from '../bench/notifier-bed.ts'
import { cause, happeningNow } from './notification/testdata/rollouts.ts'

const stalled: Partial<Rollout> = {
  phase: 'stalled',
  reason: 'ImagePullBackOff',
  diagnosis: { causes: [cause()], newPods: 2, oldPods: 5, oldPodsFailingAlike: 0 },
}

test('one rollout is one card, posted at its start and edited to its end', async () => {
  await using bed = await startBed()
  await using _notifier = await bed.start()
  await bed.publish(happeningNow('started', 1))
  await eventually(() => assert.equal(bed.slack.messages('deploys').length, 1))
  await bed.publish(happeningNow('succeeded', 2, { phase: 'complete', reason: 'NewReplicaSetAvailable' }))
  await eventually(() => assert.match(bed.slack.messages('deploys')[0]?.text ?? '', /is live/))
  assert.equal(bed.slack.messages('deploys').length, 1)
})

test('the first bad word is a broadcast reply that pings, and a failure after it is an edit', async () => {
  await using bed = await startBed()
  await using _notifier = await bed.start({ TEAM_MENTIONS: 'payments=S0PAYMENTS' })
  await bed.publish(happeningNow('started', 1))
  await bed.slack.waitForCall(({ method, outcome }) => method === 'chat.postMessage' && outcome === 'ok')
  await bed.publish(happeningNow('stalled', 2, stalled))
  await eventually(() =>
    assert.equal(bed.slack.messages('deploys').filter(({ broadcast }) => broadcast).length, 1),
  )
  await bed.publish(happeningNow('failed', 3, { ...stalled, phase: 'failed' }))
  await eventually(() => assert.match(bed.slack.messages('deploys')[0]?.text ?? '', /failed/))
  const [card, reply, ...more] = bed.slack.messages('deploys')
  assert.equal(more.length, 0)
  assert.equal(reply?.threadTs, card?.ts)
  assert.match(reply?.versions[0]?.text ?? '', /^<!subteam\^S0PAYMENTS> .*is stuck/)
})

test('a Slack that cannot be reached is waited for, and readiness says so', async () => {
  await using bed = await startBed()
  bed.slack.inject({ kind: 'reset' })
  await using notifier = await bed.start()
  await bed.publish(happeningNow('started', 1))
  const slackCheck = () => notifier.health.readiness().checks.find(({ name }) => name === 'slack')
  await eventually(() => assert.match(slackCheck()?.detail ?? '', /does not answer: (?!not asked)/))
  assert.equal(slackCheck()?.ok, false)
  bed.slack.liftFaults()
  await eventually(() => assert.equal(bed.slack.messages('deploys').length, 1))
  await eventually(() => assert.equal(notifier.health.readiness().ready, true))
})

test('a message that is no transition becomes a dead letter, and the next one is told', async () => {
  await using bed = await startBed()
  await using _notifier = await bed.start()
  bed.connection.nats.publish('hermod.rollout.11.prod-eu.shop.checkout.started', 'not a transition')
  await bed.publish(happeningNow('started', 1))
  await eventually(() => assert.equal(bed.slack.messages('deploys').length, 1))
  const { state } = await bed.connection.manager.streams.info('DEAD_LETTERS')
  assert.equal(state.messages, 1)
})

test('nothing is lost or doubled when nats-server is killed again and again', async () => {
  await using bed = await startBed({}, true)
  await using _notifier = await bed.start()
  for (let round = 0; round < 5; round++) {
    const app = { name: `app-${round}`, uid: `uid-${round}` }
    const publishing = (async () => {
      await bed.publish(happeningNow('started', 1, app))
      await bed.publish(happeningNow('succeeded', 2, { ...app, phase: 'complete' }))
    })()
    await bed.nats.kill()
    await bed.nats.restart()
    await publishing
  }
  const live = () => bed.slack.messages('deploys').filter(({ text }) => text?.includes('is live'))
  await eventually(() => assert.equal(live().length, 5), { timeoutMs: 60_000 })
  assert.equal(bed.slack.messages('deploys').length, 5)
})
