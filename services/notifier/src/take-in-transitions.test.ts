import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger, createMetrics, createScrubber } from '@hermod/runtime'
import type { CardStore } from './card-store.ts'
import type { Card } from './notification/card.ts'
import { transition } from './notification/testdata/rollouts.ts'
import { createNotifierMetrics } from './notifier-metrics.ts'
import { takeInTransition } from './take-in-transitions.ts'

/** As the bucket does, it lists keys in no order. */
function storeInMemory(): { readonly cards: Map<string, Card>; readonly loaded: string[]; store: CardStore } {
  const cards = new Map<string, Card>()
  const loaded: string[] = []
  const store: CardStore = {
    async load(key) {
      loaded.push(key)
      return cards.get(key)
    },
    async change(key, change) {
      const card = change(cards.get(key))
      if (card) cards.set(key, card)
      return card
    },
    markOpen: async () => undefined,
    clearOpen: async () => undefined,
    openCards: async () => [],
    keys: async () => [...cards.keys()].toSorted(),
    forget: async () => false,
  }
  return { cards, loaded, store }
}

test('a start reads no more cards the more of its Deployment are kept, and closes those that were overtaken', async () => {
  const { cards, loaded, store } = storeInMemory()
  const write = (): void => undefined
  const log = createLogger({ service: 'notifier', level: 'error', scrubber: createScrubber(), write })
  const none = { depth: () => 0, oldestSeconds: () => 0, parkedChannels: () => 0, refusedChannels: () => 0 }
  const settings = {
    defaultChannels: ['deploys'],
    channelsAllowed: undefined,
    teamMentions: new Map<string, string>(),
  }
  const deps = {
    store,
    memory: { refresh: async () => undefined, since: Number.NEGATIVE_INFINITY },
    log,
    settings,
    partitions: 16,
    metrics: createNotifierMetrics(createMetrics({ processMetrics: false }), none),
    delivery: {
      begin: (_: string, card: Card) => card,
      offer: () => undefined,
      lacking: () => [],
      refuse: async () => undefined,
    },
  }
  const loads: number[] = []
  for (let attempt = 1; attempt <= 40; attempt++) {
    const before = loaded.length
    await takeInTransition(transition('started', 1, { attempt }, new Date().toISOString()), deps)
    loads.push(loaded.length - before)
  }
  assert.equal(loads.at(-1), loads[10], 'of 39 cards no more are read than of 10')
  const phases = [...cards.values()].map(({ story }) =>
    story.kind === 'rollout' ? story.shown.rollout.phase : story.kind,
  )
  assert.deepEqual(phases, [...Array.from({ length: 39 }, () => 'superseded'), 'progressing'])
})
