import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noBudgets, startFakeSlack } from '@hermod/testkit'
import { countedCards } from './counted-cards.ts'
import { callSlack, cardSamples } from './testing/card-samples.ts'

const ends: Readonly<Record<string, string>> = {
  started: 'open',
  paused: 'open',
  resumed: 'open',
  'stuck-image': 'open',
  failed: 'failed',
  'failed-plain': 'failed',
  live: 'complete',
  'live-rollback': 'complete',
  recovered: 'complete',
  superseded: 'other end',
  deleted: 'other end',
  released: 'other end',
}

test('a card is counted by what its first line says, in the words of the notifier', async () => {
  await using slack = await startFakeSlack({ channels: ['shop'] })
  const key = 'card.3.prod_2deu.shop.checkout.0f3a-77.42#card'
  const samples = cardSamples().filter(({ name }) => name in ends)
  for (const { look } of samples)
    slack.post('shop', { ...look, metadata: { event_type: 'hermod', event_payload: { key } } }, 'bot')
  const counted = countedCards(slack)
  assert.deepEqual(Object.fromEntries(samples.map(({ name }, at) => [name, counted[at]?.says])), ends)
  assert.ok(counted.every(({ rollout }) => rollout === '0f3a-77.42'))
})

test('an edited card is counted by what it says now, a deleted one not at all', async () => {
  await using slack = await startFakeSlack({ channels: ['shop'], budgets: noBudgets })
  const metadata = { event_type: 'hermod', event_payload: { key: 'card.3.c.shop.checkout.u.42#card' } }
  const says = (): string =>
    countedCards(slack)
      .map((card) => card.says)
      .join()
  const ts = await callSlack(slack, 'chat.postMessage', { channel: 'shop', text: 'is rolling out', metadata })
  assert.equal(says(), 'open')
  const { id } = slack.channel('shop')
  await callSlack(slack, 'chat.update', { channel: id, ts, text: 'checkout is live', metadata })
  assert.equal(says(), 'complete')
  slack.deleteMessage('shop', ts)
  assert.equal(says(), '')
})

test('replies and messages of others are no cards', async () => {
  await using slack = await startFakeSlack({ channels: ['shop'] })
  const reply = { event_type: 'hermod', event_payload: { key: 'card.3.c.shop.checkout.u.42#reply-1' } }
  slack.post('shop', { text: 'checkout failed', metadata: reply }, 'bot')
  slack.post('shop', { text: 'checkout failed?' })
  assert.deepEqual(countedCards(slack), [])
})
