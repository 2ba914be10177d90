import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout, TransitionKind } from '@hermod/contracts'
import { startVirtualBed, type VirtualBed } from '../bench/virtual-bed.ts'
import { transition } from './notification/testdata/rollouts.ts'

const second = 1_000
const minute = 60 * second
const unreachable = { answer: { kind: 'unknown', reason: 'HTTP 503' } } as const
const channels = Array.from({ length: 50 }, (_, index) => `C0000000${String(index).padStart(2, '0')}`)
const [troubled = ''] = channels

async function tell(bed: VirtualBed, kind: TransitionKind, name: string, channel: string): Promise<void> {
  const facts: Partial<Rollout> = {
    name,
    uid: `uid-of-${name}`,
    namespaceAnnotations: { 'hermod.uswitch.com/slack': channel },
    ...(kind === 'succeeded' && { phase: 'complete' }),
  }
  await bed.take(transition(kind, kind === 'started' ? 1 : 2, facts, bed.time.date().toISOString()))
}

/** When each post was tried. */
function postsIn(bed: VirtualBed, channel: string): readonly number[] {
  return bed.calls.filter((call) => call.channel === channel && call.method === 'post').map(({ at }) => at)
}

describe('through long trouble', () => {
  for (const denied of [false, true]) {
    it(`Slack is away for ten minutes${denied ? ' and carries out what it denies' : ''}: each rollout is told once, soon after it is back`, async () => {
      const isAway = (at: number): boolean => at < 10 * minute
      await using bed = startVirtualBed(({ at, method }) =>
        isAway(at) ? { ...unreachable, ...(denied && method === 'post' && { stored: true }) } : undefined,
      )
      for (const channel of channels) await tell(bed, 'started', `app-${channel}`, channel)
      await bed.time.pass(5 * minute)
      for (const channel of channels) await tell(bed, 'succeeded', `app-${channel}`, channel)
      await bed.time.pass(5 * minute)
      const asked = bed.calls.length
      // The first that finds Slack back waits at most 30 s by then; 50 edits take a minute more.
      await bed.time.pass(3 * minute)
      for (const channel of channels) {
        assert.equal(bed.texts(channel).length, 1)
        assert.match(bed.texts(channel)[0] ?? '', /is live/)
      }
      const after = bed.calls.filter(({ at, method }) => !isAway(at) && method === (denied ? 'find' : 'post'))
      const first = (channel: string): number =>
        after.find((call) => call.channel === channel)?.at ?? Infinity
      const latest = Math.max(...channels.map(first))
      assert.ok(latest - (after[0]?.at ?? 0) < second, 'a channel waited although Slack was back')
      assert.ok(asked < channels.length * 60, `${asked} calls to a Slack that is away`)
    })
  }

  it('one channel is limited for ten minutes: it is asked once within each Retry-After, 49 others are told at once', async () => {
    const limit = { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 30 * second } as const
    await using bed = startVirtualBed(({ channel, at, method }) =>
      channel === troubled && method === 'post' && at < 10 * minute ? { answer: limit } : undefined,
    )
    for (let round = 0; round < 10; round++) {
      for (const channel of channels) {
        const happened = bed.time.now()
        await tell(bed, 'started', `app-${round}-${channel}`, channel)
        await bed.time.pass(1_200)
        if (channel !== troubled)
          assert.ok((postsIn(bed, channel).at(-1) ?? Infinity) - happened < second, channel)
      }
    }
    const asked = postsIn(bed, troubled)
    assert.ok(asked.every((at, index) => index === 0 || at - (asked[index - 1] ?? 0) >= 30 * second))
    await bed.time.pass(minute)
    assert.equal(bed.texts(troubled).length, 10)
  })

  it('Slack is away for six minutes, carries out what it denies, and then limits our looks: nothing is told twice', async () => {
    let looks = 0
    await using bed = startVirtualBed(({ at, method }) => {
      if (at < 6 * minute) return { ...unreachable, ...(method === 'post' && { stored: true }) }
      if (method !== 'find' || ++looks <= 10 || at > 7 * minute) return undefined
      return { answer: { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 10 * second } }
    })
    for (const channel of channels) await tell(bed, 'started', `app-${channel}`, channel)
    await bed.time.pass(15 * minute)
    for (const channel of channels) assert.equal(bed.texts(channel).length, 1)
  })

  it('Slack rejects the token while posts of unknown outcome are looked for: nobody looks until it is good again', async () => {
    const rejected = { answer: { kind: 'token', reason: 'token_revoked' } } as const
    const lost = { answer: { kind: 'unknown', reason: 'no answer in time' }, stored: true } as const
    await using bed = startVirtualBed(({ method }) => (method === 'find' ? rejected : lost))
    for (const channel of channels) await tell(bed, 'started', `app-${channel}`, channel)
    await bed.time.pass(minute)
    assert.ok(bed.calls.filter(({ method }) => method === 'find').length <= channels.length)
  })

  it('one call hangs: every other channel is told while it does, and the message is not sent twice', async () => {
    await using bed = startVirtualBed(({ channel, at, method }) =>
      channel === troubled && method === 'post' && at === 0
        ? { answer: { kind: 'unknown', reason: 'no answer in time' }, stored: true, afterMs: 30 * second }
        : undefined,
    )
    await tell(bed, 'started', 'hangs', troubled)
    for (const channel of channels.slice(1, 12)) await tell(bed, 'started', `app-${channel}`, channel)
    await bed.time.pass(0)
    for (const channel of channels.slice(1, 12)) assert.equal(bed.texts(channel).length, 1)
    await bed.time.pass(2 * minute)
    assert.equal(bed.texts(troubled).length, 1)
    assert.deepEqual(
      bed.calls.filter(({ channel }) => channel === troubled).map(({ method }) => method),
      ['post', 'find'],
    )
  })

  it('a channel takes nothing: it is tried every ten minutes for a week, then the card is given up and counted', async () => {
    await using bed = startVirtualBed(() => ({ answer: { kind: 'channel', reason: 'is_archived' } }))
    await tell(bed, 'started', 'app', troubled)
    await bed.time.pass(8 * 24 * 60 * minute)
    assert.equal(bed.calls.length, 7 * 24 * 6 + 2)
    assert.match(await bed.metrics.text(), /given_up_total 1\n/)
  })

  it('nobody may look whether a lost post arrived: after five minutes it is sent again, and counted', async () => {
    const limit = { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: minute } as const
    await using bed = startVirtualBed(({ method, at }) => {
      if (method === 'find') return { answer: limit }
      return at === 0 ? { ...unreachable, stored: true } : undefined
    })
    await tell(bed, 'started', 'app', troubled)
    await bed.time.pass(7 * minute)
    assert.equal(bed.texts(troubled).length, 2)
    assert.match(await bed.metrics.text(), /outcomes_total\{how="resent"\} 1\n/)
  })
})

/** Tells so many rollouts, 500 a second, each of which ends within `longestMs`; resolves when all have. */
async function tellMany(bed: VirtualBed, rollouts: number, longestMs: number): Promise<void> {
  const told = Array.from({ length: rollouts }, (_, index) => {
    const [name, channel] = [`app-${index}`, channels[index % channels.length] ?? '']
    const startsAt = index * 2
    // Spread evenly, and the same in each run.
    const endsAt = startsAt + ((index * 7_919) % 1_000) * (longestMs / 1_000)
    return [
      { at: startsAt, tell: async () => await tell(bed, 'started', name, channel) },
      { at: endsAt, tell: async () => await tell(bed, 'succeeded', name, channel) },
    ]
  })
  for (const { at, tell } of told.flat().toSorted((one, other) => one.at - other.at)) {
    await bed.time.pass(Math.max(0, at - bed.time.now()))
    await tell()
  }
}

describe('a thousand rollouts over fifty channels', () => {
  for (const [longest, longestMs] of [
    ['a second', second],
    ['half a minute', 30 * second],
  ] as const)
    it(`that end within ${longest} are each told once, with nine tenths of what may be sent`, async () => {
      await using bed = startVirtualBed(() => undefined)
      await tellMany(bed, 1_000, longestMs)
      await bed.time.pass(10 * minute)
      const texts = channels.flatMap((channel) => bed.texts(channel))
      assert.equal(texts.filter((text) => text.includes('is live')).length, 1_000)
      assert.equal(new Set(texts.map((text) => /app-\d+/.exec(text)?.[0])).size, texts.length)
      const lastOf = (method: 'post' | 'edit') =>
        bed.calls.findLast((call) => call.method === method)?.at ?? Infinity
      const edits = bed.calls.filter(({ method }) => method === 'edit').length
      // What is short decides: posts where nothing needs an edit, else edits.
      if (longestMs === second) assert.ok(1_000 / channels.length / (lastOf('post') / second) >= 0.9)
      else assert.ok(edits / (lastOf('edit') / minute) >= 0.9 * 50)
    })
})
