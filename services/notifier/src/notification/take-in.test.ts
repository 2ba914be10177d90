import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout, RolloutTransition, TransitionKind } from '@hermod/contracts'
import fc from 'fast-check'
import type { Card, RolloutStory } from './card.ts'
import { moodOf } from './mood.ts'
import type { Route } from './route.ts'
import { overtake, takeIn } from './take-in.ts'
import { cause, startedAt, transition } from './testdata/rollouts.ts'

const way: Route = { channels: ['deploys'], refused: [], failuresOnly: false, mention: [] }
const now = Date.parse(startedAt) + 1_000

const fatal: Partial<Rollout> = {
  phase: 'stalled',
  diagnosis: { causes: [cause()], newPods: 1, oldPods: 1, oldPodsFailingAlike: 0 },
}
const facts: Readonly<Partial<Record<TransitionKind, Partial<Rollout>>>> = {
  stalled: fatal,
  failed: { ...fatal, phase: 'failed' },
  succeeded: { phase: 'complete' },
  recovered: { phase: 'complete' },
  paused: { phase: 'paused' },
  superseded: { phase: 'superseded' },
  deleted: { phase: 'deleted' },
}

function story(kinds: readonly TransitionKind[], route: Route = way): RolloutStory {
  const card = kinds.reduce<Card | undefined>(
    (card, kind, index) => takeIn(card, transition(kind, index + 1, facts[kind]), route, now).card,
    undefined,
  )
  return storyOf(card)
}

function storyOf(card: Card | undefined): RolloutStory {
  assert.ok(card?.story.kind === 'rollout')
  return card.story
}

function reasonFor(shown: RolloutTransition, at: number = now, route: Route = way): string {
  return takeIn(undefined, shown, route, at).reason
}

describe('a new card', () => {
  it('is made by the first transition of a rollout that somebody is to hear of', () => {
    assert.equal(reasonFor(transition('started', 1)), 'new card')
    assert.equal(reasonFor(transition('failed', 7, facts.failed)), 'new card')
    assert.equal(
      reasonFor(transition('started', 1), now, { ...way, channels: [] }),
      'nobody is to hear of it',
    )
  })

  it('is never made of what is older than a day, nor of an end without a beginning', () => {
    assert.equal(
      reasonFor(transition('succeeded', 2, facts.succeeded), now + 25 * 3_600_000),
      'too old for a new card',
    )
    assert.equal(reasonFor(transition('deleted', 2, facts.deleted)), 'ended without a card')
    assert.equal(reasonFor(transition('released', 2)), 'ended without a card')
  })
})

describe('a card', () => {
  it('ends the same whatever order and however often its transitions come', () => {
    const kinds: TransitionKind[] = ['started', 'progressed', 'stalled', 'progressed', 'failed', 'recovered']
    const all = kinds.map((kind, index) => transition(kind, index + 1, facts[kind]))
    fc.assert(
      fc.property(fc.shuffledSubarray([...all, ...all], { minLength: 0 }), (some) => {
        const card = [...some, ...all.slice(-1)].reduce<Card | undefined>(
          (card, each) => takeIn(card, each, way, now).card,
          undefined,
        )
        const { shown, word } = storyOf(card)
        assert.equal(moodOf(shown), 'recovered')
        assert.equal(word?.says, 'recovered')
      }),
    )
  })

  it('takes the later of two transitions with the same number', () => {
    const first = takeIn(undefined, transition('started', 1), way, now).card
    const again = takeIn(first, transition('progressed', 1, { revision: '43' }), way, now).card
    assert.equal(storyOf(again).shown.rollout.revision, '43')
  })

  it('counts what is two minutes old as late', () => {
    const late = takeIn(undefined, transition('started', 1), way, now + 3 * 60_000).card
    assert.equal(storyOf(late).late, true)
    assert.equal(story(['started']).late, false)
  })

  it('is hidden under alert: failure until something is wrong, and never again', () => {
    const failuresOnly = { ...way, failuresOnly: true }
    assert.equal(story(['started', 'succeeded'], failuresOnly).hidden, true)
    assert.equal(story(['started', 'stalled'], failuresOnly).hidden, false)
    assert.equal(story(['started', 'stalled', 'progressed', 'succeeded'], failuresOnly).hidden, false)
  })

  it('that ended well stays so when its Deployment is deleted', () => {
    assert.equal(moodOf(story(['started', 'succeeded', 'deleted']).shown), 'live')
    assert.equal(moodOf(story(['started', 'deleted']).shown), 'deleted')
  })

  it('keeps the places that have a message and follows the annotation with the others', () => {
    const sent = { channel: 'C1', ts: '1.2', print: 'x' }
    const first = takeIn(undefined, transition('started', 1), { ...way, channels: ['a', 'b'] }, now).card
    assert.ok(first)
    const withMessage = { ...first, places: { ...first.places, a: { told: 0, anew: 0, card: sent } } }
    const moved = takeIn(withMessage, transition('progressed', 2), { ...way, channels: ['c'] }, now).card
    assert.deepEqual(Object.keys(moved?.places ?? {}).toSorted(), ['a', 'c'])
    const released = takeIn(first, transition('released', 2), { ...way, channels: ['default'] }, now).card
    assert.deepEqual(Object.keys(released?.places ?? {}), ['a', 'b'])
  })
})

describe('a word that everybody is to notice', () => {
  it('is said at the first fatal stall, and not again at the failure that follows', () => {
    assert.deepEqual(story(['started', 'stalled']).word, { n: 1, says: 'bad' })
    assert.deepEqual(story(['started', 'stalled', 'failed']).word, { n: 1, says: 'bad' })
  })

  it('is said again when the failure comes after a withdrawal, but not when the stall comes back', () => {
    assert.equal(story(['started', 'stalled', 'progressed', 'stalled']).word?.n, 1)
    assert.equal(story(['started', 'stalled', 'progressed', 'failed']).word?.n, 2)
    assert.equal(story(['started', 'stalled', 'progressed', 'stalled', 'failed', 'failed']).word?.n, 2)
  })

  it('is said at a recovery', () => {
    assert.deepEqual(story(['started', 'failed', 'recovered']).word, { n: 2, says: 'recovered' })
  })

  it('is not said for a wait that may end by itself', () => {
    const waiting = transition('stalled', 1, { phase: 'stalled', reason: 'Unschedulable' })
    assert.equal(storyOf(takeIn(undefined, waiting, way, now).card).word, undefined)
  })

  it('is said for every other stall, whether or not pods could be looked at, whatever else is wrong', () => {
    const waiting = {
      causes: [cause({ reason: 'Unschedulable' })],
      newPods: 1,
      oldPods: 0,
      oldPodsFailingAlike: 0,
    }
    for (const diagnosis of [undefined, waiting]) {
      const refused = transition('stalled', 1, {
        phase: 'stalled',
        reason: 'ReplicaSetCreateError',
        diagnosis,
      })
      assert.deepEqual(storyOf(takeIn(undefined, refused, way, now).card).word, { n: 1, says: 'bad' })
    }
  })

  it('is withdrawn three times at most, then amber stays until the result', () => {
    const flapping: TransitionKind[] = ['started']
    for (let round = 0; round < 3; round++) flapping.push('stalled', 'progressed')
    assert.equal(moodOf(story(flapping).shown), 'rolling')
    assert.equal(moodOf(story([...flapping, 'stalled', 'progressed']).shown), 'stuck')
    assert.equal(moodOf(story([...flapping, 'stalled', 'progressed', 'succeeded']).shown), 'live')
  })
})

describe('an attempt that was overtaken without a word', () => {
  it('is closed by the start of the next', () => {
    const open = takeIn(undefined, transition('started', 1), way, now).card
    assert.ok(open)
    const next = transition('started', 1, { attempt: 43 })
    const closed = storyOf(overtake(open, next, now))
    assert.equal(moodOf(closed.shown), 'superseded')
    assert.equal(closed.shown.rollout.supersededBy?.attempt, 43)
  })

  it('is left alone when it had ended', () => {
    const done = takeIn(undefined, transition('succeeded', 2, facts.succeeded), way, now).card
    assert.ok(done)
    assert.equal(overtake(done, transition('started', 1, { attempt: 43 }), now), done)
  })

  it('stays failed when it had failed', () => {
    const failed = takeIn(undefined, transition('failed', 3, facts.failed), way, now).card
    assert.ok(failed)
    assert.equal(overtake(failed, transition('started', 1, { attempt: 43 }), now), failed)
  })
})
