import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noBudgets, startFakeSlack } from '@hermod/testkit'
import { SlackFeed } from './slack-feed.ts'
import { callSlack } from './testing/card-samples.ts'

test('the first call of a channel that comes to be with it is told with its message', async () => {
  await using slack = await startFakeSlack({ channels: ['old'], budgets: noBudgets })
  slack.onCall(({ outcome, channel }) => {
    if (outcome === 'pending' && channel === '#new') slack.addChannel('new')
  })
  const ts = await callSlack(slack, 'chat.postMessage', { channel: '#new', text: 'rolling out' })
  const story = new SlackFeed(slack).story(slack.channel('new').id, ts)
  assert.deepEqual(
    story?.calls.map(({ method, outcome }) => `${method} ${outcome}`),
    ['chat.postMessage ok'],
  )
})
