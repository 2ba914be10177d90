import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TransitionKind } from '@hermod/contracts'
import type { Card, Intent } from './card.ts'
import { changePlace, edited, intend, notPosted, park, posted, refused, uneditable } from './place-steps.ts'
import { type Need, planPlace, type View } from './plan.ts'
import { takeIn } from './take-in.ts'
import { cause, startedAt, transition } from './testdata/rollouts.ts'

const view: View = {
  settings: { style: 'card', linkTemplates: [], linkHostsAllowed: undefined },
  permalink: ({ ts }) => `https://x.slack.com/p${ts}`,
}
const way = { channels: ['deploys'], refused: [], failuresOnly: false, mention: ['U0ONCALL'] }
const now = Date.parse(startedAt)
const diagnosis = { causes: [cause()], newPods: 1, oldPods: 0, oldPodsFailingAlike: 0 }
const facts = {
  started: {},
  progressed: {},
  stalled: { phase: 'stalled', diagnosis },
  failed: { phase: 'failed', diagnosis },
  succeeded: { phase: 'complete' },
  recovered: { phase: 'complete' },
  deleted: { phase: 'deleted' },
} as const

/** A place that is followed through what happens, as the delivery would. */
class Follower {
  card: Card | undefined
  #n = 0
  #ts = 0

  take(kind: TransitionKind & keyof typeof facts): this {
    this.#n++
    this.card = takeIn(this.card, transition(kind, this.#n, facts[kind]), way, now).card
    return this
  }

  get need(): Need {
    assert.ok(this.card)
    const place = this.card.places['deploys']
    assert.ok(place)
    return planPlace('k', this.card, place, view)
  }

  /** Carries out what is needed and says what it was. */
  act(): string {
    const { need } = this
    assert.ok(this.card)
    if (need.kind === 'post') {
      this.card = changePlace(this.card, 'deploys', intend(intentOf(need)))
      assert.equal(this.need.kind, 'settle')
      this.card = changePlace(this.card, 'deploys', posted(intentOf(need), 'C1', `${++this.#ts}`))
      return `post ${need.key}: ${need.message.text}`
    }
    if (need.kind === 'edit') {
      this.card = changePlace(this.card, 'deploys', edited(need.sent.ts, need.print))
      return `edit ${need.sent.ts}: ${need.message.text}`
    }
    return need.kind
  }

  actAll(): string[] {
    const acts: string[] = []
    for (let act = this.act(); act !== 'nothing'; act = this.act()) {
      acts.push(act)
      assert.ok(acts.length < 20, 'it never comes to rest')
    }
    return acts
  }
}

function intentOf(need: Extract<Need, { kind: 'post' }>): Intent {
  const { effect, key, word, print } = need
  return { effect, key, word, print, at: startedAt, by: '1' }
}

function shape(acts: readonly string[]): string[] {
  return acts.map((act) => act.replace(/:.*/s, ''))
}

describe('a place', () => {
  it('gets one post, then edits, and nothing when nothing changed', () => {
    const place = new Follower().take('started')
    assert.deepEqual(shape(place.actAll()), ['post k#card'])
    place.take('succeeded')
    assert.deepEqual(shape(place.actAll()), ['edit 1'])
    place.take('succeeded')
    assert.deepEqual(place.actAll(), [])
  })

  it('gets the bad word as a reply before the edit', () => {
    const place = new Follower().take('started')
    place.actAll()
    const acts = place.take('stalled').actAll()
    assert.deepEqual(shape(acts), ['post k#reply-1', 'edit 1'])
    assert.match(acts[0] ?? '', /<@U0ONCALL>/)
    assert.doesNotMatch(acts[1] ?? '', /<@U0ONCALL>/)
    assert.deepEqual(shape(place.take('failed').actAll()), ['edit 1', 'edit 2'])
  })

  it('gets no reply where the first post is the bad word itself', () => {
    const acts = new Follower().take('started').take('failed').actAll()
    assert.deepEqual(shape(acts), ['post k#card'])
    assert.match(acts[0] ?? '', /<@U0ONCALL>.*failed/)
  })

  it('gets a recovery as a reply; a bad word that was not said by then is replaced by it', () => {
    const place = new Follower().take('started')
    place.actAll()
    assert.deepEqual(shape(place.take('failed').take('recovered').actAll()), ['post k#reply-2', 'edit 1'])
  })

  it('has its reply edited when the stall is withdrawn', () => {
    const place = new Follower().take('started')
    place.actAll()
    place.take('stalled').actAll()
    const acts = place.take('progressed').actAll()
    assert.deepEqual(shape(acts), ['edit 1', 'edit 2'])
    assert.match(acts[1] ?? '', /no longer stuck/)
  })

  it('waits while a post may be under way, and posts again only when it is known that there was none', () => {
    const place = new Follower().take('started')
    const need = place.need
    assert.ok(need.kind === 'post' && place.card)
    place.card = changePlace(place.card, 'deploys', intend(intentOf(need)))
    place.take('succeeded')
    assert.equal(place.need.kind, 'settle')
    assert.ok(place.card)
    place.card = changePlace(place.card, 'deploys', notPosted(intentOf(need)))
    assert.match(place.act(), /^post k#card: .*is live/)
  })

  it('is posted anew under another key when Slack no longer edits it, and says so', () => {
    const place = new Follower().take('started')
    place.actAll()
    place.take('succeeded')
    const { need } = place
    assert.ok(need.kind === 'edit' && place.card)
    place.card = changePlace(place.card, 'deploys', uneditable(need.sent.ts, need.print))
    const anew = place.need
    assert.ok(anew.kind === 'post')
    assert.equal(anew.key, 'k#card-2')
    assert.match(JSON.stringify(anew.message), /no longer lets us edit/)
  })

  it('gets smaller forms when Slack refuses one, then waits', () => {
    const place = new Follower().take('failed')
    const sizes: number[] = []
    for (let round = 0; round < 3; round++) {
      const { need } = place
      assert.ok(need.kind === 'post' && place.card)
      sizes.push(JSON.stringify(need.message).length)
      place.card = changePlace(place.card, 'deploys', refused('invalid_blocks', startedAt))
    }
    assert.ok((sizes[0] ?? 0) > (sizes[1] ?? 0) && (sizes[1] ?? 0) > (sizes[2] ?? 0))
    assert.equal(place.card?.places['deploys']?.parked?.reason, 'invalid_blocks')
  })

  it('is given up after a week', () => {
    const place = new Follower().take('started')
    assert.ok(place.card)
    const weekLater = new Date(now + 8 * 24 * 3_600_000).toISOString()
    const parked = changePlace(place.card, 'deploys', park('is_archived', startedAt))
    place.card = changePlace(parked, 'deploys', park('is_archived', weekLater))
    assert.equal(place.need.kind, 'nothing')
  })

  it('in plain style hears of results alone', () => {
    const plain = { ...view, settings: { ...view.settings, style: 'plain' as const } }
    const needOf = (place: Follower): string => {
      const { card } = place
      assert.ok(card?.places['deploys'])
      return planPlace('k', card, card.places['deploys'], plain).kind
    }
    const place = new Follower().take('started')
    assert.equal(needOf(place), 'nothing')
    assert.equal(needOf(place.take('stalled')), 'nothing')
    assert.equal(needOf(place.take('succeeded')), 'post')
  })

  it('is told nothing of a deletion that nobody knew as a rollout', () => {
    assert.equal(new Follower().take('started').take('deleted').need.kind, 'nothing')
  })
})
