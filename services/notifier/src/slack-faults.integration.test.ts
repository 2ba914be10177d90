import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout } from '@hermod/contracts'
import { eventually, httpFault, type SlackCall, slackFault } from '@hermod/testkit'
import { type NotifierBed, startBed } from '../bench/notifier-bed.ts'
import { happeningNow } from './notification/testdata/rollouts.ts'
import { openParkedCards } from './parked-cards.ts'

function inChannel(name: string, channel: string): Partial<Rollout> {
  return { name, uid: `uid-of-${name}`, namespaceAnnotations: { 'hermod.uswitch.com/slack': channel } }
}

function texts(bed: NotifierBed, channel: string): string[] {
  return bed.slack.messages(channel).map(({ text }) => text ?? '')
}

const isPost = ({ method }: SlackCall): boolean => method === 'chat.postMessage'

describe('when Slack', { concurrency: 5 }, () => {
  it('posts and loses the answer, the message is found again and edited', async () => {
    await using bed = await startBed()
    bed.slack.inject(httpFault.replyLost(), { method: 'chat.postMessage', times: 1 })
    await using _notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await bed.publish(happeningNow('succeeded', 2, { phase: 'complete' }))
    await eventually(() => assert.match(texts(bed, 'deploys')[0] ?? '', /is live/))
    assert.equal(texts(bed, 'deploys').length, 1)
  })

  for (const [name, fault] of [
    ['answers 500', httpFault.serverError(500)],
    ['sends a login page', httpFault.html()],
    ['sends nothing', httpFault.empty()],
    ['answers fatal_error', slackFault.error('fatal_error')],
    ['resets the connection', { kind: 'reset' } as const],
    ['is redirected', httpFault.redirect('https://login.example')],
    ['answers service_unavailable', slackFault.error('service_unavailable')],
  ] as const) {
    it(`${name}, the card is posted once when that is over`, async () => {
      await using bed = await startBed()
      const injected = bed.slack.inject(fault, { method: 'chat.postMessage', times: 2 })
      await using _notifier = await bed.start()
      await bed.publish(happeningNow('started', 1))
      await eventually(() => assert.equal(injected.hits, 2))
      await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
    })
  }

  for (const effect of [false, true]) {
    it(`is down for a while${effect ? ', though it posts what it denies' : ''}, every rollout is told once`, async () => {
      await using bed = await startBed()
      const outage = bed.slack.inject({ ...httpFault.serverError(503), effect })
      await using notifier = await bed.start()
      for (const name of ['a', 'b', 'c']) {
        await bed.publish(happeningNow('started', 1, inChannel(name, 'deploys')))
        await bed.publish(happeningNow('succeeded', 2, { ...inChannel(name, 'deploys'), phase: 'complete' }))
      }
      await eventually(() => assert.ok(outage.hits >= 8), { timeoutMs: 30_000 })
      outage.lift()
      const live = () => texts(bed, 'deploys').filter((text) => text.includes('is live')).length
      await eventually(() => assert.equal(live(), 3), { timeoutMs: 60_000 })
      assert.equal(texts(bed, 'deploys').length, 3)
      assert.ok(!notifier.log.some((line) => line.includes('xoxb-')))
    })
  }

  it('hangs on one channel, the others are told at once', async () => {
    await using bed = await startBed()
    bed.slack.inject({ kind: 'hang' }, { channel: 'deploys' })
    await using _notifier = await bed.start({ SLACK_TIMEOUT: '6s' })
    await bed.publish(happeningNow('started', 1, inChannel('a', 'deploys')))
    await bed.slack.waitForCall((call) => isPost(call) && call.channel === bed.slack.channel('deploys').id)
    await bed.publish(happeningNow('started', 1, inChannel('b', 'ops')))
    await eventually(() => assert.equal(texts(bed, 'ops').length, 1), { timeoutMs: 5_000 })
    bed.slack.liftFaults()
  })

  it('limits one channel, that one is asked once within the time it named and the others go on', async () => {
    await using bed = await startBed()
    bed.slack.inject(slackFault.rateLimited(2), { method: 'chat.postMessage', channel: 'deploys', times: 1 })
    await using _notifier = await bed.start()
    await bed.publish(happeningNow('started', 1, inChannel('a', 'deploys')))
    await bed.publish(happeningNow('started', 1, inChannel('b', 'ops')))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
    const [refused, second] = bed.slack.calls.filter(
      (call) => isPost(call) && call.channel === bed.slack.channel('deploys').id,
    )
    assert.ok((second?.at ?? 0) - (refused?.endedAt ?? 0) >= 1_990)
    assert.equal(texts(bed, 'ops').length, 1)
  })

  it('rejects the token, nothing is lost and sending goes on by itself once it is good again', async () => {
    await using bed = await startBed()
    await using notifier = await bed.start()
    await bed.publish(happeningNow('started', 1, inChannel('a', 'deploys')))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
    bed.slack.revokeToken('token_revoked')
    await bed.publish(happeningNow('started', 1, inChannel('b', 'ops')))
    await eventually(() => assert.equal(notifier.health.readiness().ready, false))
    assert.equal(notifier.log.filter((line) => line.includes('rejects the token')).length, 1)
    notifier.rotateToken(bed.slack.issueToken())
    await eventually(() => assert.equal(texts(bed, 'ops').length, 1))
    assert.equal(notifier.health.readiness().ready, true)
  })

  it('does not know a channel, the fallback channel is told once and the card waits', async () => {
    await using bed = await startBed()
    await using notifier = await bed.start({ SLACK_FALLBACK_CHANNEL: 'ops' })
    await bed.publish(happeningNow('started', 1, inChannel('a', 'typo')))
    await bed.publish(happeningNow('started', 1, inChannel('b', 'typo')))
    await eventually(() => assert.match(texts(bed, 'ops')[0] ?? '', /cannot post to #typo/))
    assert.equal(texts(bed, 'ops').length, 1)
    const checks = notifier.health.readiness().checks
    assert.match(checks.find(({ name }) => name === 'channels')?.detail ?? '', /typo/)
  })

  it('took no cards in a channel and takes them again, the parked card is posted when somebody asks', async () => {
    await using bed = await startBed()
    const archived = bed.slack.inject(slackFault.error('is_archived'), { channel: 'deploys' })
    await using _notifier = await bed.start({ SLACK_FALLBACK_CHANNEL: 'ops' })
    await bed.publish(happeningNow('started', 1, inChannel('a', 'deploys')))
    const parked = openParkedCards(bed.connection)
    await eventually(async () => assert.equal((await parked.list()).length, 1))
    const [{ channel, example, reason } = assert.fail()] = await parked.list()
    assert.deepEqual([channel, example, reason], ['deploys', 'shop/a', 'is_archived'])
    archived.lift()
    assert.equal(await parked.retry('deploys', 20_000), true)
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
    await eventually(async () => assert.deepEqual(await parked.list(), []))
  })

  it('parked cards and no notifier runs, whoever asks for another try is told that nobody heard', async () => {
    await using bed = await startBed()
    assert.equal(await openParkedCards(bed.connection).retry('', 200), false)
  })

  it('lets us neither list nor read channels, cards are posted by name and edited by id', async () => {
    await using bed = await startBed({ scopes: ['chat:write', 'chat:write.public'] })
    await using notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
    await bed.publish(happeningNow('succeeded', 2, { phase: 'complete' }))
    await eventually(() => assert.match(texts(bed, 'deploys')[0] ?? '', /is live/))
    assert.match(await notifier.metrics.text(), /posted_by_name_total 1\n/)
  })

  it('loses an answer and lets nobody look, the message is sent again and that is counted', async () => {
    await using bed = await startBed({ scopes: ['chat:write', 'channels:read', 'groups:read'] })
    bed.slack.inject(httpFault.replyLost(), { method: 'chat.postMessage', times: 1 })
    await using notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 2))
    assert.match(await notifier.metrics.text(), /unknown_outcomes_total\{how="resent"\} 1\n/)
  })

  it('takes no edits of an old message, a new one says so', async () => {
    await using bed = await startBed()
    bed.slack.editWindowMs = 0
    await using _notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
    await bed.publish(happeningNow('succeeded', 2, { phase: 'complete' }))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 2))
    assert.match(JSON.stringify(bed.slack.messages('deploys')[1]?.attachments), /no longer lets us edit/)
  })

  it('has lost the message, it is posted anew', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
    bed.slack.deleteMessage('deploys', bed.slack.messages('deploys')[0]?.ts ?? '')
    await bed.publish(happeningNow('succeeded', 2, { phase: 'complete' }))
    await eventually(() => assert.match(texts(bed, 'deploys')[1] ?? '', /is live/))
  })

  it('has lost the thread that a bad word belongs to, the card is posted anew and says it', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
    const isReply = ({ args }: SlackCall): boolean => args['thread_ts'] !== undefined
    bed.slack.inject(slackFault.error('thread_not_found'), { when: isReply })
    await bed.publish(
      happeningNow('failed', 2, {
        phase: 'failed',
        annotations: { 'hermod.uswitch.com/mention': 'U0ONCALL' },
      }),
    )
    await eventually(() => assert.match(texts(bed, 'deploys')[1] ?? '', /^<@U0ONCALL> .*failed/))
  })

  it('refuses a form, a smaller one is sent', async () => {
    await using bed = await startBed()
    bed.slack.inject(slackFault.error('msg_blocks_too_long'), { method: 'chat.postMessage', times: 1 })
    await using _notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
  })
})
