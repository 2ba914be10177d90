import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CountedCard, type History, type SeenDeployment, see, seeGone, tally } from './tally.ts'

interface Facts {
  generation?: number
  image?: string
  available?: number
  progressing?: 'True' | 'False'
  replicas?: number
}

function deployment({
  generation = 1,
  image = 'a',
  available = 2,
  progressing = 'True',
  replicas = 2,
}: Facts): SeenDeployment {
  return {
    metadata: { uid: 'u1', name: 'checkout', generation },
    spec: { replicas, template: { image } },
    status: {
      observedGeneration: generation,
      replicas,
      updatedReplicas: available,
      availableReplicas: available,
      conditions: [{ type: 'Progressing', status: progressing }],
    },
  }
}

const baseline = see(new Map(), 'LISTED', deployment({}), 0)
const begun = see(baseline, 'CHANGED', deployment({ generation: 2, image: 'b', available: 0 }), 1_000)
const done = see(begun, 'CHANGED', deployment({ generation: 2, image: 'b' }), 5_000)
const failed = see(
  begun,
  'CHANGED',
  deployment({ generation: 2, image: 'b', available: 0, progressing: 'False' }),
  9_000,
)

function card(says: CountedCard['says'], facts: Partial<CountedCard> = {}): CountedCard {
  return { channel: 'C1', rollout: 'u1.2', text: 'checkout', says, postedAt: 1_000, ...facts }
}

function count(
  history: History,
  cards: readonly CountedCard[],
  now = 6_000,
  wholeSince: number | undefined = 0,
): string {
  const { expected, delivered, inFlight, lost, doubled } = tally(history, cards, now, wholeSince)
  return `${expected} = ${delivered} + ${inFlight} + ${lost}, ${doubled} twice`
}

test('what stood there before the count is not expected, nor is scaling', () => {
  assert.equal(count(baseline, []), '0 = 0 + 0 + 0, 0 twice')
  const scaled = see(baseline, 'CHANGED', deployment({ generation: 2, replicas: 3, available: 3 }), 1_000)
  assert.equal(count(scaled, []), '0 = 0 + 0 + 0, 0 twice')
})

test('a rollout is in flight until Slack shows its end', () => {
  assert.equal(count(begun, [card('open')]), '1 = 0 + 1 + 0, 0 twice')
  assert.equal(count(done, [card('open')]), '1 = 0 + 1 + 0, 0 twice')
  assert.equal(count(done, [card('complete')]), '1 = 1 + 0 + 0, 0 twice')
})

test('a card that says the wrong end is no delivery', () => {
  assert.equal(count(failed, [card('complete')], 200_000), '1 = 0 + 0 + 1, 0 twice')
  assert.equal(count(failed, [card('failed')]), '1 = 1 + 0 + 0, 0 twice')
})

test('an end that nobody told for a minute and a half is lost, unless something is broken on purpose', () => {
  assert.equal(count(done, [], 94_999), '1 = 0 + 1 + 0, 0 twice')
  assert.equal(count(done, [], 95_000), '1 = 0 + 0 + 1, 0 twice')
  assert.equal(tally(done, [], 95_000, undefined).lost, 0)
  assert.equal(count(done, [], 95_000, 20_000), '1 = 0 + 1 + 0, 0 twice')
})

test('two cards of one rollout are doubled in one channel and not in two', () => {
  assert.equal(count(done, [card('complete'), card('complete')]), '1 = 1 + 0 + 0, 1 twice')
  assert.equal(count(done, [card('complete'), card('complete', { channel: 'C2' })]), '1 = 1 + 0 + 0, 0 twice')
})

test('a condition that stood before the change is no failure of it', () => {
  const stale = see(
    failed,
    'CHANGED',
    deployment({ generation: 3, image: 'a', available: 1, progressing: 'False' }),
    10_000,
  )
  assert.equal(stale.get('u1')?.at(-1)?.result, 'open')
})

test('a failed rollout that comes to life is expected to be told as live', () => {
  const recovered = see(failed, 'CHANGED', deployment({ generation: 2, image: 'b' }), 20_000)
  assert.equal(count(recovered, [card('failed')]), '1 = 0 + 1 + 0, 0 twice')
  assert.equal(count(recovered, [card('complete')]), '1 = 1 + 0 + 0, 0 twice')
})

test('an overtaken rollout may be silent, but not left open', () => {
  const overtaken = see(begun, 'CHANGED', deployment({ generation: 3, image: 'c' }), 2_000)
  assert.equal(count(overtaken, [card('complete', { rollout: 'u1.3' })]), '1 = 1 + 0 + 0, 0 twice')
  assert.equal(
    count(overtaken, [card('open'), card('complete', { rollout: 'u1.3' })], 200_000),
    '2 = 1 + 0 + 1, 0 twice',
  )
  assert.equal(
    count(overtaken, [card('other end'), card('complete', { rollout: 'u1.3' })]),
    '2 = 2 + 0 + 0, 0 twice',
  )
})

test('a digest that names the Deployment tells its rollout', () => {
  const digest = card('other end', {
    rollout: undefined,
    text: '✓ *checkout* 2.4.1 · cart',
    postedAt: 70_000,
  })
  assert.equal(count(done, [digest], 120_000), '1 = 1 + 0 + 0, 0 twice')
  assert.equal(count(done, [{ ...digest, text: '✓ checkouts 2' }], 120_000), '1 = 0 + 0 + 1, 0 twice')
})

test('a deletion ends what was open', () => {
  const deleted = seeGone(begun, 'u1', 3_000)
  assert.equal(count(deleted, [], 200_000), '0 = 0 + 0 + 0, 0 twice')
  assert.equal(count(deleted, [card('other end')], 200_000), '1 = 1 + 0 + 0, 0 twice')
})
