import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout } from '@hermod/contracts'
import { type RouteSettings, route } from './route.ts'
import { rollout } from './testdata/rollouts.ts'

const settings: RouteSettings = {
  defaultChannels: ['general-deploys'],
  channelsAllowed: undefined,
  teamMentions: new Map([['payments', 'S0PAYMENTS']]),
}

function routed(
  own: Rollout['annotations'],
  ofNamespace: Rollout['annotations'],
  more: Partial<RouteSettings> = {},
) {
  const facts = rollout({ annotations: prefixed(own), namespaceAnnotations: prefixed(ofNamespace) })
  return route(facts, { ...settings, ...more })
}

function prefixed(annotations: Rollout['annotations']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`hermod.uswitch.com/${key}`, value]),
  )
}

describe('a rollout is told', () => {
  it("in its namespace's channels, each once, by name or id, with or without the mark", () => {
    assert.deepEqual(routed({}, { slack: '#a, b,A C0123456789' }).channels, ['a', 'b', 'C0123456789'])
  })

  it('in SLACK_CHANNEL where the namespace names none', () => {
    assert.deepEqual(routed({}, {}).channels, ['general-deploys'])
  })

  it("in its Deployment's channel only where SLACK_CHANNELS_ALLOWED allows it", () => {
    const { channels, refused } = routed({ slack: 'x,a' }, { slack: 'a' })
    assert.deepEqual(channels, ['a'])
    assert.match(refused[0]?.problem ?? '', /SLACK_CHANNELS_ALLOWED/)
    assert.deepEqual(
      refused.map(({ channel }) => channel),
      ['x'],
    )
    assert.deepEqual(routed({ slack: 'x' }, { slack: 'a' }, { channelsAllowed: ['x', 'a'] }).channels, ['x'])
  })

  it("in its namespace's channel where the Deployment's own cannot be used", () => {
    const { channels, refused } = routed({ slack: 'nope' }, { slack: 'a' }, { channelsAllowed: ['a'] })
    assert.deepEqual(channels, ['a'])
    assert.deepEqual(
      refused.map(({ channel }) => channel),
      ['nope'],
    )
  })

  it('never to a person, nor to what is no channel, nor to one that is not allowed', () => {
    const { channels, refused } = routed(
      {},
      { slack: 'U0123456789,<!here>,ok,nope' },
      { channelsAllowed: ['ok'] },
    )
    assert.deepEqual(channels, ['ok'])
    assert.deepEqual(
      refused.map(({ channel }) => channel),
      ['U0123456789', '<!here>', 'nope'],
    )
  })
})

// The watcher complains of exactly what is not used here; its own test has the same rows.
describe('an annotation', () => {
  for (const [value, channels, notUsed] of [
    ['deploys #ops C0123456789', ['deploys', 'ops', 'C0123456789'], []],
    ['deploys,,other', ['deploys', 'other'], []],
    ['U0123456789', ['general-deploys'], ['U0123456789']],
    ['D0123456789', ['general-deploys'], ['D0123456789']],
    ['deploys U0123456789 <!here> ops', ['deploys', 'ops'], ['U0123456789', '<!here>']],
    [`C${'0'.repeat(21)}`, [`c${'0'.repeat(21)}`], []],
    ['', ['general-deploys'], []],
  ] as const) {
    it(`slack: "${value}" is told in ${channels.join(', ')}`, () => {
      const { channels: told, refused } = routed({}, { slack: value })
      assert.deepEqual(told, channels)
      assert.deepEqual(
        refused.map(({ channel }) => channel),
        notUsed,
      )
    })
  }

  it('slack names ten channels, and what comes after them is passed over', () => {
    const { channels, refused } = routed({}, { slack: 'a b c d e f g h i j k <!here>' })
    assert.deepEqual(channels, 'a b c d e f g h i j'.split(' '))
    assert.deepEqual(refused, [])
  })

  it('that is refused is told of in its first 60 characters', () => {
    const [refused] = routed({}, { slack: '!'.repeat(400) }).refused
    assert.equal(refused?.channel, `${'!'.repeat(59)}…`)
  })
})

describe('alert: failure', () => {
  it("of the Deployment beats its namespace's", () => {
    assert.equal(routed({}, { alert: 'failure' }).failuresOnly, true)
    assert.equal(routed({ alert: 'all' }, { alert: 'failure' }).failuresOnly, false)
  })

  it('is written exactly so', () => {
    for (const alert of ['failures', 'Failure', ' failure', ''])
      assert.equal(routed({}, { alert }).failuresOnly, false)
  })
})

describe('a mention', () => {
  it('takes ids of people and groups, and the team by TEAM_MENTIONS', () => {
    assert.deepEqual(routed({ mention: 'U0ABC,<!channel>,here' }, {}).mention, ['U0ABC', 'S0PAYMENTS'])
    assert.deepEqual(routed({}, { mention: 'W0ABC S0PAYMENTS' }).mention, ['W0ABC', 'S0PAYMENTS'])
  })

  it('names at most ten, by ids of Slack of at most 21 characters', () => {
    const ids = Array.from({ length: 11 }, (_, index) => `U0${'ABCDEFGHIJK'[index]}`)
    assert.deepEqual(routed({ mention: ids.join() }, {}).mention, ids.slice(0, 10))
    const [longest, tooLong] = [`U${'0'.repeat(20)}`, `U${'0'.repeat(21)}`]
    assert.deepEqual(routed({ mention: `${tooLong} ${longest}` }, {}).mention, [longest, 'S0PAYMENTS'])
  })

  it('may be nobody, against the word of the namespace', () => {
    assert.deepEqual(routed({ mention: '' }, { mention: 'U0ABC' }).mention, ['S0PAYMENTS'])
  })
})
