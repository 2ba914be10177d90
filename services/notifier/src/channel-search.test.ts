import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VirtualTime } from '../bench/virtual-bed.ts'
import { ChannelSearch } from './channel-search.ts'
import type { SlackClient, Whereabouts } from './slack-client.ts'

const never = new AbortController().signal
const found = (keys: readonly string[]) => new Map(keys.map((key) => [key, { ts: `${key}.0` }]))

function search(answer: (where: Whereabouts) => ReturnType<SlackClient['find']>, signal = never) {
  const time = new VirtualTime()
  const looks: Whereabouts[] = []
  const slack: Pick<SlackClient, 'find'> = {
    async find(where) {
      looks.push(where)
      return await answer(where)
    },
  }
  const channel = new ChannelSearch({ channel: 'C1', slack, time, signal })
  const ask = (key: string, notBefore: number, parent?: string) =>
    channel.find({ key, parent, notBefore, notAfter: notBefore + 10 })
  return { time, looks, ask }
}

describe('a search of a channel', () => {
  it('looks once for all who ask at a time, as far as any of them, and apart for each thread', async () => {
    const { time, looks, ask } = search(async ({ keys }) => ({ kind: 'delivered', messages: found(keys) }))
    const answers = Promise.all([ask('a', 5), ask('b', 2), ask('r', 7, 'a.0')])
    await time.pass(1_000)
    assert.deepEqual(
      looks.map(({ keys, notBefore, notAfter }) => [keys, notBefore, notAfter]),
      [
        [['a', 'b'], 2, 15],
        [['r'], 7, 17],
      ],
    )
    assert.deepEqual(
      (await answers).map((seen) => seen.kind === 'delivered' && seen.message?.ts),
      ['a.0', 'b.0', 'r.0'],
    )
  })

  it('that is too wide for one look is made for each alone', async () => {
    const { time, looks, ask } = search(async ({ keys }) =>
      keys.length > 1
        ? { kind: 'delivered', messages: new Map(), gaveUp: true }
        : { kind: 'delivered', messages: found(keys) },
    )
    const answers = Promise.all([ask('a', 5), ask('b', 2)])
    await time.pass(2_000)
    assert.equal(looks.length, 3)
    assert.deepEqual(
      (await answers).map((seen) => seen.kind === 'delivered' && seen.message?.ts),
      ['a.0', 'b.0'],
    )
  })

  it('tells whoever waits at its end', async () => {
    const ending = new AbortController()
    const { time, looks, ask } = search(async () => assert.fail(), ending.signal)
    const asked = ask('a', 5)
    ending.abort(new Error('the term is over'))
    await assert.rejects(asked, /the term is over/)
    await time.pass(1_000)
    assert.equal(looks.length, 0)
  })
})
