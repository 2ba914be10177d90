import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout, RolloutTransition, TransitionKind } from '@hermod/contracts'
import { startVirtualBed, type Trouble, type VirtualBed } from '../bench/virtual-bed.ts'
import { cause, transition } from './notification/testdata/rollouts.ts'

const channel = 'C000000000'
const second = 1_000
const fatal: Partial<Rollout> = {
  phase: 'failed',
  diagnosis: { causes: [cause()], newPods: 1, oldPods: 1, oldPodsFailingAlike: 0 },
}
const complete: Partial<Rollout> = { phase: 'complete' }

/** Slack takes no new message before `untilMs`. */
function limitedUntil(untilMs: number): Trouble {
  const answer = { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 20 * second } as const
  return ({ method, at }) => (method === 'post' && at < untilMs ? { answer } : undefined)
}

/** One Deployment, of which dedupe says these things. */
function deployment(bed: VirtualBed, always: Partial<Rollout> = {}) {
  const now = (): string => bed.time.date().toISOString()
  const startedAt = now()
  return (kind: TransitionKind, n: number, facts: Partial<Rollout> = {}): RolloutTransition => {
    const times = { startedAt, progressedAt: startedAt }
    return transition(kind, n, { namespaceAnnotations: {}, times, ...always, ...facts }, now())
  }
}

describe('a NATS that lost its last writes', () => {
  it('is no reason to post what is open anew, though nobody says anything about it', async () => {
    await using bed = startVirtualBed(limitedUntil(20 * second))
    await bed.take(deployment(bed)('started', 1))
    await bed.time.pass(5 * second)
    const setBack = bed.nats.flush()
    await bed.time.pass(40 * second)
    assert.equal(bed.texts(channel).length, 1)
    setBack()
    bed.nextTerm()
    await bed.time.pass(60 * second)
    assert.equal(bed.texts(channel).length, 1)
  })

  it('while a post is under way is no reason to post that again', async () => {
    const slow = { stored: true, afterMs: 3 * second } as const
    const limit = limitedUntil(20 * second)
    await using bed = startVirtualBed((call) => limit(call) ?? (call.method === 'post' ? slow : undefined))
    await bed.take(deployment(bed)('started', 1))
    await bed.time.pass(5 * second)
    const setBack = bed.nats.flush()
    await bed.time.pass(16 * second)
    assert.equal(bed.texts(channel).length, 1)
    setBack()
    await bed.time.pass(60 * second)
    assert.equal(bed.texts(channel).length, 1)
  })

  it('while a card is being edited is no reason to post that again', async () => {
    const slow = { stored: true, afterMs: 3 * second } as const
    const limit = limitedUntil(20 * second)
    await using bed = startVirtualBed((call) => limit(call) ?? (call.method === 'edit' ? slow : undefined))
    const says = deployment(bed)
    await bed.take(says('started', 1))
    await bed.time.pass(5 * second)
    const setBack = bed.nats.flush()
    await bed.time.pass(20 * second)
    const ended = says('succeeded', 2, complete)
    await bed.take(ended)
    await bed.time.pass(second)
    setBack()
    await bed.time.pass(10 * second)
    await bed.take(ended)
    await bed.time.pass(60 * second)
    assert.equal(bed.texts(channel).length, 1)
    assert.match(bed.texts(channel)[0] ?? '', /is live/)
  })

  it('while a reply waits for its turn is no reason to post its card again', async () => {
    let isLimited = true
    const limit = { answer: { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 20 * second } } as const
    await using bed = startVirtualBed(({ method }) =>
      method === 'post' && isLimited ? limit : { stored: true, afterMs: 100 },
    )
    const says = deployment(bed)
    await bed.take(says('started', 1))
    await bed.time.pass(5 * second)
    const setBack = bed.nats.flush()
    isLimited = false
    await bed.time.pass(25 * second)
    isLimited = true
    await bed.take(says('failed', 2, fatal))
    await bed.time.pass(second)
    isLimited = false
    await bed.time.pass(10 * second)
    setBack()
    await bed.time.pass(600 * second)
    assert.equal(bed.texts(channel).filter((text) => text.includes('is rolling out')).length, 1)
  })

  it('while a bad word is announced is no reason to say that or its card again', async () => {
    await using bed = startVirtualBed(() => ({ stored: true, afterMs: 100 }))
    const says = deployment(bed)
    const started = says('started', 1)
    // Another card is on its way, so this one is stored before it is posted.
    await bed.take(deployment(bed, { name: 'other', uid: 'other' })('started', 1))
    await bed.take(started)
    const setBack = bed.nats.flush()
    await bed.time.pass(10 * second)
    const isBack = Promise.withResolvers<void>()
    let writes = 0
    bed.nats.beforeWrite = (key) => (key.startsWith('card.') && ++writes > 1 ? isBack.promise : undefined)
    const failed = says('failed', 2, fatal)
    void bed.take(failed)
    await bed.time.pass(8 * second)
    bed.nats.beforeWrite = () => undefined
    setBack()
    isBack.resolve()
    await bed.time.pass(3 * second)
    for (const each of [started, failed]) await bed.take(each)
    await bed.time.pass(600 * second)
    const [card = '', reply = '', ...more] = bed.texts(channel).filter((text) => !text.includes('other'))
    assert.match(card, /failed/)
    assert.match(reply, /failed/)
    assert.deepEqual(more, [])
  })

  it('leaves no card behind that a later attempt has overtaken', async () => {
    await using bed = startVirtualBed(limitedUntil(20 * second))
    await bed.take(deployment(bed)('started', 1, { attempt: 1 }))
    await bed.time.pass(5 * second)
    const setBack = bed.nats.flush()
    await bed.time.pass(40 * second)
    setBack()
    await bed.take({ ...deployment(bed)('started', 1, { attempt: 2 }), epoch: 9 })
    await bed.time.pass(100 * second)
    const [first = '', ...others] = bed.texts(channel)
    assert.match(first, /overtaken/)
    assert.equal(others.length, 1)
  })

  it('and the mark of an open card with them, is told of that card all the same', async () => {
    await using bed = startVirtualBed(limitedUntil(30 * second))
    const says = deployment(bed)
    const both = [says('started', 1), says('succeeded', 2, complete)]
    const setBack = bed.nats.flush()
    for (const each of both) await bed.take(each)
    await bed.time.pass(3 * second)
    setBack()
    for (const each of both) await bed.take(each)
    bed.nextTerm()
    await bed.time.pass(300 * second)
    assert.equal(bed.texts(channel).length, 1)
    assert.match(bed.texts(channel)[0] ?? '', /is live/)
  })

  it('is no reason to say a deletion again', async () => {
    await using bed = startVirtualBed(() => undefined)
    const says = deployment(bed, { namespaceListed: true })
    await bed.take(says('started', 1))
    await bed.take(says('succeeded', 2, complete))
    await bed.time.pass(60 * second)
    const setBack = bed.nats.flush()
    const deleted: Partial<Rollout> = { phase: 'deleted' }
    await bed.take(says('deleted', 3, { ...deleted, reason: 'Deleted' }))
    await bed.time.pass(60 * second)
    const before = bed.texts(channel)
    assert.match(before.at(-1) ?? '', /deleted/)
    setBack()
    await bed.take(says('deleted', 3, { ...deleted, reason: 'NotListed' }))
    await bed.time.pass(60 * second)
    assert.deepEqual(bed.texts(channel), before)
  })
})

describe('a NATS that lost everything', () => {
  it('is no reason to leave a failure standing where only failures are told', async () => {
    await using bed = startVirtualBed(() => undefined)
    const says = deployment(bed, { annotations: { 'hermod.uswitch.com/alert': 'failure' } })
    await bed.take(says('started', 1))
    await bed.take(says('failed', 2, fatal))
    await bed.time.pass(30 * second)
    assert.match(bed.texts(channel)[0] ?? '', /failed/)
    bed.nats.erase()
    bed.nextTerm()
    await bed.take({ ...says('succeeded', 1, complete), epoch: 2 })
    await bed.time.pass(60 * second)
    assert.match(bed.texts(channel)[0] ?? '', /is live/)
  })

  it('with a post of unknown outcome, leaves nothing open', async () => {
    const lost = { answer: { kind: 'unknown', reason: 'no answer in time' }, stored: true } as const
    await using bed = startVirtualBed(({ method }) => (method === 'post' ? lost : undefined))
    await bed.take(deployment(bed)('started', 1))
    await bed.time.pass(second)
    bed.nats.erase()
    await bed.time.pass(60 * second)
    assert.equal(bed.depth, 0)
  })

  it('hundreds of cards are found by a few looks, and none is posted again', async () => {
    let [minute, looks] = [-1, 0]
    // As Slack limits conversations.history.
    const limit: Trouble = ({ method, at }) => {
      if (method !== 'find') return undefined
      if (Math.floor(at / 60_000) !== minute) [minute, looks] = [Math.floor(at / 60_000), 0]
      if (++looks <= 50) return undefined
      return { answer: { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 60_000 - (at % 60_000) } }
    }
    await using bed = startVirtualBed(limit)
    const channels = Array.from({ length: 50 }, (_, index) => `C1000000${String(index).padStart(2, '0')}`)
    const all = Array.from({ length: 360 }, (_, index) => {
      const place = { 'hermod.uswitch.com/slack': channels[index % channels.length] ?? '' }
      return deployment(bed, { name: `app-${index}`, uid: `uid-${index}`, namespaceAnnotations: place })
    })
    for (const says of all) await bed.take(says('started', 1))
    await bed.time.pass(60 * second)
    bed.nats.erase()
    bed.nextTerm()
    for (const says of all) await bed.take({ ...says('started', 1), epoch: 2 })
    await bed.time.pass(1_200 * second)
    const posted = channels.flatMap((each) => bed.texts(each))
    assert.equal(posted.length, all.length)
    const asked = bed.calls.filter(({ method }) => method === 'find').length
    assert.ok(asked <= 3 * channels.length, `${asked} looks`)
  })
})
