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
