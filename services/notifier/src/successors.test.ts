import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { VirtualTime } from '../bench/virtual-bed.ts'
import { cardKey } from './card-keys.ts'
import type { Card } from './notification/card.ts'
import { takeIn } from './notification/take-in.ts'
import { rollout, transition } from './notification/testdata/rollouts.ts'
import { Successors } from './successors.ts'

const place = 'deploys'
const sent = { channel: 'C000000000', ts: '1.000100', print: '' }
const next = cardKey(rollout({ attempt: 43 }), 16)

function overtaken(): Card {
  const facts = { phase: 'superseded', supersededBy: { attempt: 43, images: [] } } as const
  const told = transition('superseded', 2, facts)
  const way = { channels: [place], failuresOnly: false, mention: [], refused: [] }
  const { card } = takeIn(undefined, told, way, Date.parse(told.at))
  assert.ok(card)
  return card
}

function startSuccessors(load: () => Promise<Card | undefined> = async () => undefined) {
  const time = new VirtualTime()
  const term = new AbortController()
  const successors = new Successors({ load }, 16, time, term.signal)
  const leftBehind = (): number => time.asleep + getEventListeners(term.signal, 'abort').length
  return { time, term, successors, leftBehind }
}

describe('an overtaken card that waits for its successor', () => {
  it('is told at once when that is posted, and so is whoever waits beside it', async () => {
    const { successors, leftBehind } = startSuccessors()
    const arrivals = [successors.arrival(overtaken(), place), successors.arrival(overtaken(), place)]
    successors.posted(next, place, sent)
    await Promise.all(arrivals)
    assert.equal(leftBehind(), 0)
  })

  it('leaves neither a timer nor a listener behind, however often a term sees one', async () => {
    const { time, successors, leftBehind } = startSuccessors()
    for (let round = 0; round < 10; round++) {
      const arrival = successors.arrival(overtaken(), place)
      await time.pass(65_000)
      await arrival
    }
    assert.equal(leftBehind(), 0)
  })

  it('leaves none behind when the successor cannot be looked up', async () => {
    const { successors, leftBehind } = startSuccessors(() => Promise.reject(new Error('NATS is away')))
    await assert.rejects(successors.arrival(overtaken(), place), /NATS is away/)
    assert.equal(leftBehind(), 0)
  })

  it('waits no longer than the term', async () => {
    const { term, successors, leftBehind } = startSuccessors()
    const arrival = successors.arrival(overtaken(), place)
    term.abort()
    await arrival
    assert.equal(leftBehind(), 0)
  })
})
