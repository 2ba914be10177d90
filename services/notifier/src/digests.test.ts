import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buckets } from '@hermod/contracts'
import { createLogger, createScrubber } from '@hermod/runtime'
import { eventually } from '@hermod/testkit'
import type { CardStore } from './card-store.ts'
import { Digests } from './digests.ts'
import { type Card, cardVersion, emptyPlace } from './notification/card.ts'
import { container, transition } from './notification/testdata/rollouts.ts'
import { realTime } from './time.ts'

function lateCard(name: string, envNames: readonly string[]): Card {
  const containers = [container('registry.example/x:1', { envNames })]
  const shown = transition('succeeded', 2, { name, uid: name, phase: 'complete', containers })
  const rest = { isDeletion: undefined, hidden: false, mention: [], withdrawals: 0, withdrawn: false }
  return {
    version: cardVersion,
    story: { kind: 'rollout', epoch: 1, n: 2, shown, late: true, ...rest },
    places: { deploys: emptyPlace },
    touchedAt: shown.at,
  }
}

test('what comes in crowds is told in as many digests as KV takes, each rollout in one of them', async () => {
  const stored = new Map<string, Card>()
  const store: Pick<CardStore, 'change' | 'markOpen'> = {
    async change(key, change) {
      const next = change(stored.get(key))
      if (next) stored.set(key, next)
      return next
    },
    markOpen: async () => undefined,
  }
  const digests = new Digests({
    store: store as CardStore,
    time: realTime,
    log: createLogger({ service: 'notifier', level: 'error', scrubber: createScrubber() }),
    signal: new AbortController().signal,
    single: () => undefined,
    inBackground: () => undefined,
    quietMs: 1,
  })
  const names = Array.from({ length: 60 }, (_, index) => `app-${index}`)
  // As much as a transition may hold is far more than it holds on most days.
  const envNames = Array.from({ length: 2_000 }, (_, index) => `SOME_RATHER_LONG_NAME_${index}`)
  for (const name of names) assert.ok(digests.takes(name, 'deploys', lateCard(name, envNames)))
  const told = () =>
    [...stored.values()].flatMap(({ story }) =>
      story.kind === 'digest' ? story.items.map(({ card }) => card) : [],
    )
  await eventually(() => assert.deepEqual(told().toSorted(), names.toSorted()))
  for (const card of stored.values())
    assert.ok(Buffer.byteLength(JSON.stringify(card)) < buckets.cards.maxValueBytes)
})
