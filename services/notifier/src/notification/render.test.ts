import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout, RolloutTransition } from '@hermod/contracts'
import fc from 'fast-check'
import type { RolloutStory } from './card.ts'
import type { Message } from './message.ts'
import { renderReply, renderStory } from './render.ts'
import type { RenderSettings } from './render-settings.ts'
import { hostileText } from './testdata/hostile-text.ts'
import { cause, container, rollout, transition } from './testdata/rollouts.ts'
import { readMrkdwn, type Special } from './testdata/slack-grammar.ts'

const settings: RenderSettings = {
  style: 'card',
  linkTemplates: [
    ['logs', 'https://logs.example.com/{cluster}/{namespace}/{deployment}?r={revision}&s={sha}'],
  ],
  linkHostsAllowed: undefined,
}

const hostileRollout: fc.Arbitrary<Rollout> = fc
  .record({
    texts: fc.array(hostileText, { minLength: 14, maxLength: 14 }),
    phase: fc.constantFrom('progressing', 'stalled', 'paused', 'complete', 'failed', 'superseded', 'deleted'),
    classes: fc.subarray([
      'new-image',
      'config',
      'resources',
      'restart',
      'rollback',
      'new-deployment',
    ] as const),
    reason: fc.constantFrom(
      'ImagePullBackOff',
      'CrashLoopBackOff',
      'FailedCreate',
      'Unschedulable',
      'CreateContainerConfigError',
      'New',
    ),
    counts: fc.array(fc.nat({ max: 500 }), { minLength: 6, maxLength: 6 }),
    items: fc.nat({ max: 60 }),
  })
  .map(({ texts, phase, classes, reason, counts, items }) => {
    const [
      a = '',
      b = '',
      c = '',
      d = '',
      e = '',
      f = '',
      g = '',
      h = '',
      i = '',
      j = '',
      k = '',
      l = '',
      m = '',
      n = '',
    ] = texts
    const [wanted = 0, updated = 0, available = 0, newPods = 0, oldPods = 0, restarts = 0] = counts
    const bad = cause({
      reason: reason === 'New' ? a || 'New' : reason,
      message: b.repeat(50),
      restarts,
      container: { name: c, role: 'container', image: d },
      lastTermination: { reason: e, exitCode: 1, message: f.repeat(20) },
    })
    return rollout({
      phase,
      name: g,
      namespace: h,
      cluster: i,
      revision: j,
      reason: k,
      message: l.repeat(100),
      team: m,
      changeCause: n,
      changedBy: { manager: a, operation: b },
      git: { sha: c, repo: `https://${d}.example/${e}` },
      replicas: { wanted, total: wanted, updated, ready: available, available, unavailable: 0 },
      containers: [container(d, { name: c, limits: { memory: f } })],
      change: {
        classes,
        rollbackTo: g,
        images: [{ container: h, from: i, to: j }],
        env: Array.from({ length: items }, () => ({
          container: k,
          added: [l, m],
          removed: [n],
          valuesChanged: true,
        })),
        resources: [{ container: a, bound: 'limit', resource: b, from: c, to: d }],
        otherAspects: Array.from({ length: items }, () => e),
      },
      diagnosis: { causes: [bad, bad, bad], newPods, oldPods, oldPodsFailingAlike: Math.min(oldPods, 3) },
      problems: [{ annotation: f, on: 'Namespace', value: g, problem: h.repeat(10) }],
    })
  })

function story(shown: RolloutTransition): RolloutStory {
  const common = {
    late: true,
    hidden: false,
    mention: ['U0ONCALL', 'S0TEAM'],
    withdrawals: 0,
    withdrawn: false,
  }
  return { kind: 'rollout', epoch: 1, n: 1, shown, ...common, word: { n: 1, says: 'bad' } }
}

function textsOf({ text, attachments }: Message): string[] {
  return [text, ...(attachments as object[]).flatMap((attachment) => collect(attachment))]
}

function collect(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(collect)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' && (key === 'text' || key === 'fallback') ? [inner] : collect(inner),
  )
}

function checkMessage(message: Message): void {
  const texts = textsOf(message)
  const specials: Special[] = texts.flatMap((text) => [...readMrkdwn(text)])
  for (const special of specials) {
    if (special.kind === 'ping') assert.ok(['U0ONCALL', 'S0TEAM'].includes(special.id))
    if (special.kind === 'link') assert.ok(URL.parse(special.url)?.username === '')
  }
  assert.ok(Buffer.byteLength(message.text) <= 4_000)
  for (const text of texts) assert.ok(text.length > 0 && text.length <= 3_000, `${text.length} characters`)
  assert.ok(texts.join('').length < 13_000)
}

describe('a card', () => {
  it('is well-formed, fits and pings only whom it should, whatever the cluster says', () => {
    fc.assert(
      fc.property(
        hostileRollout,
        fc.boolean(),
        fc.constantFrom(undefined, 'small', 'plain'),
        fc.constantFrom('card', 'plain'),
        (facts, tellsWord, size, style) => {
          const shown = { ...transition('progressed', 1), rollout: facts }
          const about = {
            tellsWord,
            size,
            outdated: 'https://x.slack.com/archives/C1/p1',
            successor: undefined,
          }
          checkMessage(renderStory(story(shown), { ...settings, style }, about))
          checkMessage(renderReply(story(shown), { ...settings, style }, about))
          checkMessage(
            renderStory(
              {
                kind: 'digest',
                about: 'late',
                items: Array.from({ length: 70 }, () => ({ card: 'x', transition: shown })),
              },
              settings,
              about,
            ),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('of many rollouts names each or says how many it does not name', () => {
    const many = Array.from({ length: 50 }, (_, index) => {
      const name = `${'a-rather-long-name-of-a-service-'.repeat(2)}${index}`
      return { card: name, transition: transition('succeeded', 2, { name, phase: 'complete' }) }
    })
    const { attachments } = renderStory({ kind: 'digest', about: 'late', items: many }, settings, {
      tellsWord: false,
    })
    const text = collect(attachments).join('\n')
    const named = text.match(/✓/g)?.length ?? 0
    assert.ok(named > 20)
    assert.equal(named + Number(/^and (\d+) more$/m.exec(text)?.[1] ?? 0), 50)
  })

  it('is the same for the same story', () => {
    const shown = transition('started', 1)
    const render = () => renderStory(story(shown), settings, { tellsWord: false })
    assert.deepEqual(render(), render())
  })

  it('says in plain style what deploy-notifier said', () => {
    const plain = { ...settings, style: 'plain' as const }
    const say = (shown: RolloutTransition) => renderStory(story(shown), plain, { tellsWord: false }).text
    assert.equal(
      say(transition('succeeded', 1, { phase: 'complete' })),
      'checkout deployed to shop\nImage: registry.example/checkout:2.4.1\nTeam: payments',
    )
    assert.equal(
      say(transition('deleted', 1, { phase: 'deleted', team: undefined })),
      'checkout deleted from shop\nImage: registry.example/checkout:2.4.1',
    )
    assert.match(
      say(transition('failed', 1, { phase: 'failed', reason: 'ProgressDeadlineExceeded' })),
      /^checkout failed in shop: ProgressDeadlineExceeded\n/,
    )
  })
})
