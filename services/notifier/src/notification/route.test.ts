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

describe('alert: failure', () => {
  it("of the Deployment beats its namespace's", () => {
    assert.equal(routed({}, { alert: 'failure' }).failuresOnly, true)
    assert.equal(routed({ alert: 'all' }, { alert: 'failure' }).failuresOnly, false)
  })
})

describe('a mention', () => {
  it('takes ids of people and groups, and the team by TEAM_MENTIONS', () => {
    assert.deepEqual(routed({ mention: 'U0ABC,<!channel>,here' }, {}).mention, ['U0ABC', 'S0PAYMENTS'])
    assert.deepEqual(routed({}, { mention: 'W0ABC S0PAYMENTS' }).mention, ['W0ABC', 'S0PAYMENTS'])
  })
})
