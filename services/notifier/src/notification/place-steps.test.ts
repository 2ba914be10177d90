import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emptyPlace, type Intent, type Place } from './card.ts'
import { edited, found, notFound, notPosted, posted } from './place-steps.ts'

const card = { channel: 'C1', ts: '1.0', print: 'card' }
const ofCard: Intent = {
  effect: 'card',
  key: 'k#card',
  word: 0,
  print: 'card',
  at: '2026-11-27T12:00:00Z',
  by: '1',
}
const ofReply: Intent = { ...ofCard, effect: 'reply', key: 'k#reply-1', word: 1, print: 'reply' }
const withCard: Place = { ...emptyPlace, card }

describe('a place of which the bucket has lost what was written last', () => {
  it('takes the post that was under way, and knows then that its card stands too', () => {
    assert.deepEqual(posted(ofCard, 'C1', '1.0')(emptyPlace).card, card)
    assert.deepEqual(posted(ofReply, 'C1', '2.0')(emptyPlace), {
      ...emptyPlace,
      told: 1,
      reply: { channel: 'C1', ts: '2.0', print: 'reply', word: 1 },
      unsure: true,
    })
    assert.equal(posted(ofReply, 'C1', '2.0')(withCard).unsure, undefined)
  })

  it('is unsure once a message was edited that it does not know', () => {
    assert.equal(edited('1.0', 'news')(emptyPlace).unsure, true)
    assert.equal(edited('1.0', 'news')(withCard).card?.print, 'news')
    const replaced: Place = { ...emptyPlace, outdated: card }
    assert.equal(edited('1.0', 'news')(replaced), replaced)
  })

  it('stays unsure of its card whatever becomes of a reply that was sought', () => {
    const unsure: Place = { ...emptyPlace, unsure: true }
    assert.equal(notFound(ofReply)(unsure), unsure)
    assert.equal(found(ofReply, 'C1', '2.0')(unsure).unsure, true)
    assert.equal(notFound(ofReply)({ ...withCard, unsure: true }).unsure, undefined)
  })
})

describe('a post that another sender has announced', () => {
  it('is not taken for the one that never reached the channel', () => {
    const place: Place = { ...emptyPlace, intent: { ...ofCard, by: '2' } }
    assert.equal(notPosted(ofCard)(place), place)
    assert.equal(notPosted({ ...ofCard, by: '2' })(place).intent, undefined)
  })
})
