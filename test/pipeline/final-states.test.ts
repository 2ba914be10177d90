import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Expected, tally } from './final-states.ts'
import type { ShownCard } from './shown-cards.ts'

const rollout: Expected = { namespace: 'shop', name: 'web', tag: '2', end: 'live' }

function card(headline: string, replies: readonly string[] = []): ShownCard {
  return { ts: '1', headline, text: headline, headlines: [headline], replies }
}

test('an end that one card tells is neither missing nor doubled', () => {
  assert.deepEqual(tally([rollout], [card('web 2 is live · shop · test · took 1 s')]), {
    missing: [],
    doubled: [],
    unexpected: [],
  })
})

test('a card that still rolls out, or tells another end, leaves the end missing', () => {
  for (const headline of ['web 1 → 2 is rolling out · shop', 'web 2 failed · shop'])
    assert.deepEqual(tally([rollout], [card(headline)]).missing, [`shop/web 2 (live): [1 ${headline}]`])
})

test('two cards of one rollout, or two replies, are told twice', () => {
  const live = card('web 2 is live · shop')
  for (const cards of [[live, live], [card('web 2 is live · shop', ['a', 'b'])]])
    assert.match(tally([rollout], cards).doubled.join(), /^shop\/web 2 \(live\): \[1 web 2 is live/)
})

test('a card of another name that only begins alike is unexpected', () => {
  assert.deepEqual(tally([rollout], [card('web-api 2 is live · shop')]).unexpected, [
    'web-api 2 is live · shop',
  ])
})
