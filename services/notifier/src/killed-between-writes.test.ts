import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout, RolloutTransition, TransitionKind } from '@hermod/contracts'
import { NewerVersion } from '@hermod/jetstream'
import { startVirtualBed, type VirtualBed } from '../bench/virtual-bed.ts'
import { transition } from './notification/testdata/rollouts.ts'

const [channel, archived] = ['C000000000', 'C000000001']
/** As every call to Slack, if all is well. */
const well = { stored: true, afterMs: 100 } as const
const [second, minute, hour] = [1_000, 60_000, 3_600_000]

function says(
  bed: VirtualBed,
  kind: TransitionKind,
  n: number,
  facts: Partial<Rollout> = {},
): RolloutTransition {
  const now = bed.time.date().toISOString()
  const times = { startedAt: now, progressedAt: now }
  return {
    ...transition(kind, n, { namespaceAnnotations: {}, times, ...facts }, now),
    epoch: facts.attempt ?? 1,
  }
}

/** Takes it in by a process that is killed before it writes such a key. */
async function takeAndDie(
  bed: VirtualBed,
  taken: RolloutTransition,
  isKey: (key: string) => boolean,
): Promise<void> {
  bed.nats.beforeWrite = (key) => (isKey(key) ? Promise.withResolvers<void>().promise : undefined)
  void bed.take(taken)
  await bed.time.pass(second)
  bed.nats.beforeWrite = () => undefined
  bed.kill()
}

describe('a notifier that is killed between two writes', () => {
  it('has stored a card and its intent, and not that it is open: it is looked for and posted once', async () => {
    const lost = { answer: { kind: 'unknown', reason: 'no answer in time' } } as const
    await using bed = startVirtualBed(({ method, at }) =>
      method === 'post' && at < second ? lost : undefined,
    )
    const started = says(bed, 'started', 1)
    await takeAndDie(bed, started, (key) => key.startsWith('open.'))
    await bed.take(started)
    await bed.time.pass(10 * minute)
    assert.deepEqual([bed.texts(channel).length, bed.depth], [1, 0])
  })

  it('has closed a card that was overtaken, and not marked it: it is edited when that is heard again', async () => {
    let isLimited = false
    const limit = { answer: { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 10 * minute } } as const
    await using bed = startVirtualBed(({ method }) => (method === 'edit' && isLimited ? limit : well))
    await bed.take(says(bed, 'started', 1, { attempt: 1 }))
    await bed.time.pass(10 * second)
    isLimited = true
    const next = says(bed, 'started', 1, { attempt: 2 })
    await takeAndDie(bed, next, (key) => key.startsWith('open.') && key.endsWith('.1'))
    isLimited = false
    await bed.take(next)
    await bed.time.pass(hour)
    assert.match(bed.texts(channel)[0] ?? '', /overtaken/)
  })

  it('has stored a notice, and not that it is open: it is told when the channel refuses the next time', async () => {
    const gone = { answer: { kind: 'channel', reason: 'is_archived' } } as const
    const trouble = (call: { readonly channel: string }) => (call.channel === archived ? gone : undefined)
    await using bed = startVirtualBed(trouble, archived, channel)
    await takeAndDie(bed, says(bed, 'started', 1), (key) => key.startsWith('open.') && key.includes('notice'))
    await bed.time.pass(hour)
    assert.equal(bed.texts(channel).length, 1)
  })
})

describe('what is open when a term begins', () => {
  it('is told though one member of a digest cannot be read', async () => {
    let isAway = true
    const limit = { answer: { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: minute } } as const
    await using bed = startVirtualBed(({ method }) => (method === 'post' && isAway ? limit : undefined))
    const at = new Date(bed.time.date().getTime() - 10 * minute).toISOString()
    for (let index = 0; index < 5; index++) {
      const facts = { name: `late-${index}`, uid: `late-${index}`, phase: 'complete' } as const
      await bed.take({ ...says(bed, 'succeeded', 2, facts), at })
    }
    await bed.time.pass(20 * second)
    await bed.take(says(bed, 'succeeded', 2, { name: 'alone', uid: 'alone', phase: 'complete' }))
    bed.nats.unreadable = (key) => (key.includes('late-2') ? new NewerVersion(`key ${key}`, 2) : undefined)
    bed.nextTerm()
    isAway = false
    await bed.time.pass(hour)
    assert.match(bed.texts(channel).join('\n'), /alone.* is live/)
  })
})

describe('a card whose news comes while it is being edited', () => {
  for (const [name, end, untilNewsMs] of [
    ['takes long', { stored: true, afterMs: 3 * second }, 2_100],
    ['has no known end', { stored: true, answer: { kind: 'unknown', reason: 'HTTP 503' } }, 600],
  ] as const) {
    it(`says what it said before, where that is true again, though the edit ${name}`, async () => {
      let isTroubled = false
      await using bed = startVirtualBed(({ method }) => (method === 'edit' && isTroubled ? end : well))
      const { times } = says(bed, 'started', 1).rollout
      const paused = { phase: 'paused', times } as const
      await bed.take(says(bed, 'started', 1))
      await bed.time.pass(10 * second)
      await bed.take(says(bed, 'paused', 2, paused))
      await bed.time.pass(minute)
      isTroubled = true
      await bed.take(says(bed, 'resumed', 3, { times }))
      await bed.time.pass(untilNewsMs)
      await bed.take(says(bed, 'paused', 4, paused))
      await bed.time.pass(10 * second)
      isTroubled = false
      await bed.time.pass(10 * minute)
      assert.match(bed.texts(channel)[0] ?? '', /is paused/)
    })
  }
})
