import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type DeploymentEvent, readAttempts } from './api-history.ts'
import { type Evidence, type Finding, judge } from './judge.ts'
import { type LoggedMessage, readSlackLog } from './slack-log.ts'

/** A Deployment whose generations say: `complete` or not, of which image. */
function event(atMs: number, generation: number, tag: string, isComplete: boolean): DeploymentEvent {
  const available = isComplete ? 1 : 0
  return {
    type: generation === 1 ? 'ADDED' : 'MODIFIED',
    atMs,
    object: {
      metadata: { namespace: 'shop', name: 'web', uid: 'u', generation },
      spec: { replicas: 1, template: { spec: { containers: [{ image: `web:${tag}` }] } } },
      status: {
        observedGeneration: generation,
        replicas: 1,
        updatedReplicas: available,
        availableReplicas: available,
      },
    },
  }
}

let posted = 0

function card(
  generation: number,
  ...versions: readonly (readonly [at: number, text: string])[]
): LoggedMessage {
  return {
    channel: 'deploys',
    ts: String(++posted),
    metadata: { event_payload: { key: `card.test.shop.web.u.${generation}#card` } },
    versions: versions.map(([at, text]) => ({ at, text })),
  }
}

const rolledOut = [event(0, 1, '1', true), event(10_000, 2, '2', false), event(20_000, 2, '2', true)] as const

function findings(
  messages: readonly LoggedMessage[],
  { events = rolledOut, ...more }: Partial<Evidence> & { readonly events?: readonly DeploymentEvent[] } = {},
): readonly Finding['kind'][] {
  const attempts = readAttempts(events, 200_000)
  const log = readSlackLog(messages, 0)
  return judge({ attempts, log, sinceMs: 5_000, blind: [], ...more }).map(({ kind }) => kind)
}

const start = [10_100, 'web 1 → 2 is rolling out'] as const
const end = [20_100, 'web 2 is live'] as const

describe('of a rollout that went well', () => {
  test('one card with its start and its end is all there is to say', () => {
    assert.deepEqual(findings([card(2, start, end)]), [])
  })

  test('no card is a loss, and so is one without its end', () => {
    assert.deepEqual(findings([]), ['lost'])
    assert.deepEqual(findings([card(2, start)]), ['lost'])
  })

  test('two cards are one too many', () => {
    assert.deepEqual(findings([card(2, start, end), card(2, end)]), ['doubled'])
  })

  test('live before it is, and failed at all, are wrong', () => {
    assert.deepEqual(findings([card(2, [12_000, 'web 2 is live'])]), ['wrong'])
    assert.ok(
      findings([card(2, start, [15_000, 'web 2 failed'], [20_100, 'web 2 is live'])]).includes('wrong'),
    )
  })

  test('a word after the end is out of order', () => {
    assert.ok(findings([card(2, end, [21_000, 'web 2 is rolling out'])]).includes('out of order'))
  })

  test('an end that comes long after is late, unless something was wrong meanwhile', () => {
    const late = [card(2, start, [90_000, 'web 2 is live'])]
    assert.deepEqual(findings(late), [])
    assert.deepEqual(findings(late, { promptMs: 60_000 }), ['late'])
    const blind = [{ fromMs: 30_000, toMs: 40_000 }]
    assert.deepEqual(findings(late, { promptMs: 60_000, blind }), [])
  })
})

describe('when NATS lost all it had', () => {
  const abandoned = card(2, start)
  const again = [card(2, start, end), card(2, [60_000, 'web 2 is live'])]

  test('who was under way keeps its card, and so does who was told', () => {
    assert.deepEqual(findings([card(2, start, [31_000, 'web 2 is live'])], { erasedMs: [15_000] }), [])
    assert.deepEqual(findings([abandoned, card(2, end)], { erasedMs: [15_000] }), ['doubled', 'lost'])
    for (const ms of [15_000, 21_000, 31_000])
      assert.deepEqual(findings(again, { erasedMs: [ms] }), ['doubled'])
  })

  test('who was found again by another generation has another card', () => {
    const events = [...rolledOut.slice(0, 2), event(14_000, 3, '2', false), event(20_000, 3, '2', true)]
    const two = [abandoned, card(3, [19_000, 'web 2 is rolling out'], end)]
    assert.deepEqual(findings(two, { events, erasedMs: [15_000] }), [])
    assert.deepEqual(findings(two, { events, erasedMs: [9_000] }), ['doubled', 'lost'])
  })

  test('that it had failed may be forgotten when it comes up after all', () => {
    const template = { spec: { containers: [{ image: 'web:2' }] } }
    const spec = { replicas: 1, progressDeadlineSeconds: 5, template }
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }]
    const at = (atMs: number, isComplete: boolean, more: object = {}): DeploymentEvent => {
      const { object, ...rest } = event(atMs, 2, '2', isComplete)
      return { ...rest, object: { ...object, spec, status: Object.assign({}, object.status, more) } }
    }
    const events = [rolledOut[0], at(10_000, false), at(15_000, false, { conditions }), at(30_000, true)]
    const told = [card(2, start, [15_100, 'web 2 failed'], [31_000, 'web 2 is live'])]
    assert.deepEqual(findings(told, { events, erasedMs: [16_000] }), [])
    const again = [
      card(2, [15_100, 'web 2 failed'], [30_100, 'web 2 is live after all'], [42_000, 'web 2 is live']),
    ]
    assert.deepEqual(findings(again, { events, erasedMs: [31_000] }), [])
    for (const ms of [4_000, 32_000])
      assert.deepEqual(findings(told, { events, erasedMs: [ms] }), ['out of order'])
  })

  test('what Slack did not have for long is taken for told, and nothing else', () => {
    const known = { erasedMs: [60_000], cachedMs: () => 50_000 }
    assert.deepEqual(findings([abandoned], known), [])
    assert.deepEqual(findings([], known), [])
    assert.deepEqual(findings([abandoned], { ...known, cachedMs: () => 48_000 }), ['lost'])
    assert.deepEqual(findings([abandoned], { ...known, erasedMs: [49_000] }), ['lost'])
    assert.deepEqual(findings([card(2, [12_000, 'web 2 is live'])], known), ['wrong'])
  })

  test('a card whose rollout was overtaken meanwhile stays as it was, and one that was told of since does not', () => {
    const events = [event(0, 1, '1', true), event(10_000, 2, '2', false), event(15_000, 3, '3', false)]
    const next = card(3, [15_100, 'web 3 is rolling out'])
    assert.deepEqual(findings([abandoned, next], { events, erasedMs: [12_000] }), [])
    assert.deepEqual(findings([abandoned, next], { events, erasedMs: [16_000] }), [])
    assert.deepEqual(findings([abandoned, next], { events, erasedMs: [26_000] }), ['lost'])
    const away = [{ fromMs: 14_000, toMs: 24_000 }]
    assert.deepEqual(findings([abandoned, next], { events, erasedMs: [26_000], blind: away }), [])
    const known = card(2, start, [14_000, 'web 2 is rolling out'])
    assert.deepEqual(findings([known, next], { events, erasedMs: [12_000] }), ['lost'])
  })
})

test('overtaken and then deleted, both while nobody could look, it was deleted', () => {
  const events = [
    ...rolledOut.slice(0, 2),
    event(30_000, 3, '3', false),
    { ...event(40_000, 3, '3', false), type: 'DELETED' as const },
  ]
  const told = card(2, start, [60_000, 'web was deleted'])
  assert.deepEqual(findings([told], { events, blind: [{ fromMs: 25_000, toMs: 50_000 }] }), [])
  assert.ok(findings([told], { events, blind: [{ fromMs: 35_000, toMs: 50_000 }] }).includes('wrong'))
})

describe('of several rollouts in one message', () => {
  const digest = (line: string): LoggedMessage => ({
    channel: 'deploys',
    ts: String(++posted),
    versions: [
      {
        at: 150_000,
        text: 'While Hermod was away (…): 2 rolled out',
        attachments: [{ blocks: [{ text: { text: line } }, { elements: [] }] }],
      },
    ],
  })

  test('its end is told by that', () => {
    assert.deepEqual(findings([digest('✓ web 2 · … other 7')]), [])
    assert.deepEqual(findings([digest('✓ other 7 · ✓ shop/web 2')]), [])
  })

  test('that it goes on is not its end, and another version or name is none of it', () => {
    assert.deepEqual(findings([digest('… web 2 · ✓ other 7')]), ['lost'])
    assert.deepEqual(findings([digest('✓ web 21')]), ['lost'])
    assert.deepEqual(findings([digest('✓ webs 2')]), ['lost'])
  })

  test('what is not so is wrong', () => {
    assert.deepEqual(findings([card(2, start, end), digest('✗ *web* 2: still failing')]), ['wrong'])
  })
})

test('a card of no rollout is wrong', () => {
  assert.deepEqual(findings([card(2, start, end), card(7, [30_000, 'web 3 is live'])]), ['wrong'])
})
