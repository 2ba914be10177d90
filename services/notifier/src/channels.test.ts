import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Bucket } from '@hermod/jetstream'
import { eventually } from '@hermod/testkit'
import { createChannels, type KnownChannel } from './channels.ts'
import type { Answer, SlackClient } from './slack-client.ts'

const day = 24 * 3_600_000

class Names {
  readonly stored = new Map<string, KnownChannel>()
  readonly ids = new Map([['deploys', 'C000000001']])
  now = 0
  asked = 0
  trouble: Answer<{ ids: ReadonlyMap<string, string> }> | undefined
  readonly channels = createChannels(
    {
      load: async (key) => {
        const value = this.stored.get(key)
        return value && { value, kvRevision: 1 }
      },
      save: async (key, value) => {
        this.stored.set(key, value)
        return 1
      },
    } satisfies Partial<Bucket<KnownChannel>> as unknown as Bucket<KnownChannel>,
    {
      listChannels: async () => {
        this.asked++
        return this.trouble ?? { kind: 'delivered', ids: new Map(this.ids) }
      },
    } satisfies Partial<SlackClient> as unknown as SlackClient,
    () => this.now,
  )
}

describe('the id behind a name', () => {
  it('is asked for once', async () => {
    const names = new Names()
    assert.equal(names.channels.known('deploys'), undefined)
    assert.equal(await names.channels.resolve('deploys'), 'C000000001')
    assert.equal(await names.channels.resolve('deploys'), 'C000000001')
    assert.equal(names.asked, 1)
  })

  it('is waited for once, however many cards wait for it while Slack is away', async () => {
    const names = new Names()
    names.trouble = { kind: 'retry', reason: 'HTTP 503' }
    let rests = 0
    const rest = async (): Promise<void> => {
      rests++
      names.trouble = undefined
    }
    const cards = Array.from({ length: 1_000 }, () => names.channels.whenResolved('deploys', rest))
    assert.deepEqual([...new Set(await Promise.all(cards))], ['C000000001'])
    assert.deepEqual([rests, names.asked], [1, 2])
  })

  it('serves on after a day while it is asked for anew', async () => {
    const names = new Names()
    await names.channels.resolve('deploys')
    names.now = day
    names.ids.set('deploys', 'C000000002')
    assert.equal(names.channels.known('deploys'), 'C000000001')
    await eventually(() => assert.equal(names.channels.known('deploys'), 'C000000002'))
    assert.equal(names.asked, 2)
  })

  it('serves on when Slack does not say it anew, and is asked for again ten minutes later', async () => {
    const names = new Names()
    await names.channels.resolve('deploys')
    names.now = day
    names.trouble = { kind: 'retry', reason: 'HTTP 503' }
    for (let minute = 0; minute < 20; minute++) {
      assert.equal(await names.channels.resolve('deploys'), 'C000000001')
      names.now += 60_000
    }
    assert.equal(names.asked, 3)
  })

  it('is the name itself where nobody can tell, and unknown while Slack is away', async () => {
    const names = new Names()
    names.trouble = { kind: 'token', reason: 'missing_scope' }
    assert.equal(await names.channels.resolve('deploys'), 'deploys')
    names.trouble = { kind: 'unknown', reason: 'HTTP 500' }
    assert.equal(await names.channels.resolve('other'), undefined)
    assert.equal(await names.channels.resolve('C000000009'), 'C000000009')
  })
})
