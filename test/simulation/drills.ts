/** One thing that goes wrong in the middle of one rollout, each with its own chance: what random plans meet seldom. */
import { calmMs, type Deed, type Plan, type Step } from './plan.ts'
import { Random } from './random.ts'
import { serviceNames } from './world.ts'

const warmUpMs = 6_000

type Drill = (random: Random) => readonly Step[]

const target = 'shop/web'
const at = (ms: number, deed: Deed): Step => ({ atMs: Math.round(calmMs + ms), ...deed })
const image = (ms: number, tag: string): Step => at(ms, { kind: 'image', target, tag })
const how = (random: Random): 'dies before' | 'dies after' =>
  random.chance(0.5) ? 'dies before' : 'dies after'

const troubles = ['loses-answers', 'fails', 'hangs', 'rate-limited', 'token-revoked'] as const

const drills: Readonly<Record<string, Drill>> = {
  ...Object.fromEntries(
    troubles.map((trouble): [string, Drill] => [
      trouble,
      () => [at(0, { kind: 'slack', trouble, share: 100, forMs: 3_000 }), image(200, '2-slow')],
    ]),
  ),
  'one answer is lost': () => [
    at(0, { kind: 'slack', trouble: 'loses-answers', share: 100, forMs: 400 }),
    image(200, '2-slow'),
  ],
  'the notifier dies of a request': (random) => [
    at(0, {
      kind: 'crash',
      service: 'notifier',
      request: 1 + random.below(12),
      how: how(random),
      forMs: 500,
    }),
    image(10, '2-slow'),
  ],
  'the notifier is killed': (random) => [
    image(0, '2-slow'),
    at(random.between(20, 600), { kind: 'kill', service: 'notifier', forMs: 1_000 }),
  ],
  'the notifier is killed while Slack is away': () => [
    at(0, { kind: 'slack', trouble: 'refuses', share: 100, forMs: 5_000 }),
    image(200, '2-ok'),
    at(3_500, { kind: 'kill', service: 'notifier', forMs: 500 }),
  ],
  'dedupe dies of a request': (random) => [
    at(0, { kind: 'crash', service: 'dedupe', request: 1 + random.below(12), how: how(random), forMs: 500 }),
    image(10, '2-slow'),
  ],
  'NATS is killed': (random) => [
    image(0, '2-slow'),
    at(random.between(5, 60), { kind: 'nats-kill', forMs: 1_000 }),
  ],
  'NATS loses everything in the middle of a rollout': (random) => [
    image(0, '2-slow'),
    at(random.between(100, 7_000), { kind: 'nats-erase', forMs: 1_000 }),
    image(40_000, '3-ok'),
  ],
  'NATS loses everything while nothing is under way': (random) => [
    image(0, '2-ok'),
    at(random.between(5_000, 9_000), { kind: 'nats-erase', forMs: 1_000 }),
    image(random.between(10_500, 30_000), '3-slow'),
  ],
  'NATS loses its last seconds in the middle of a rollout': (random) => [
    image(0, '2-slow'),
    at(random.between(100, 7_000), { kind: 'nats-set-back', lostMs: 5_000, forMs: 1_000 }),
    image(40_000, '3-ok'),
  ],
  'NATS loses its last seconds while nothing is under way': (random) => [
    image(0, '2-ok'),
    at(random.between(18_000, 25_000), { kind: 'nats-set-back', lostMs: 10_000, forMs: 1_000 }),
    image(random.between(27_000, 40_000), '3-slow'),
  ],
  'NATS loses what was written while Slack took nothing, and after it': (random) => [
    at(0, { kind: 'slack', trouble: 'rate-limited', share: 100, forMs: random.between(2_000, 8_000) }),
    image(200, '2-slow'),
    at(random.between(4_000, 12_000), {
      kind: 'nats-set-back',
      lostMs: random.between(1_000, 8_000),
      forMs: 1_000,
    }),
    image(40_000, '3-ok'),
  ],
  'two replicas of dedupe': (random) => [
    at(0, { kind: 'second', service: 'dedupe', forMs: 40_000 }),
    image(2_000, '2-ok'),
    image(random.between(4_000, 9_000), '3-slow'),
  ],
  'two notifiers': (random) => [
    at(0, { kind: 'second', service: 'notifier', forMs: 40_000 }),
    image(2_000, '2-slow'),
    at(random.between(2_050, 2_500), { kind: 'kill', service: 'notifier', forMs: 5_000 }),
  ],
  'a failure, then the version before': () => [image(0, '2-unready'), at(26_000, { kind: 'back', target })],
  'a failure, then another image': () => [image(0, '2-noimage'), image(26_000, '3-slow')],
  'a failure that stays': () => [image(0, '2-unready')],
  'a failure that heals': () => [image(0, '2-crash'), at(26_000, { kind: 'heal', target })],
  'nothing that is a rollout': () => [
    at(0, { kind: 'scale', target, replicas: 4 }),
    at(3_000, { kind: 'annotate', target }),
    image(6_000, '2-ok'),
    at(12_000, { kind: 'scale', target, replicas: 1 }),
  ],
  'overtaken, then deleted': () => [
    image(0, '2-slow'),
    image(3_000, '3-slow'),
    at(6_000, { kind: 'delete', target }),
  ],
  'deleted while nobody looks': () => [
    image(0, '2-unready'),
    at(4_000, { kind: 'api-stop', forMs: 4_000 }),
    at(5_000, { kind: 'delete', target }),
  ],
  'the API is away while what was wrong heals': () => [
    image(0, '2-nowhere'),
    at(1_000, { kind: 'api-stop', forMs: 75_000 }),
    at(16_500, { kind: 'heal', target }),
  ],
  'a dead watch': () => [at(0, { kind: 'api-silence' }), image(1_000, '2-ok')],
  'a stop while NATS stands still': (random) => [
    image(0, '2-ok'),
    at(random.between(60, 250), { kind: 'nats-freeze', forMs: 20_000 }),
    at(300, { kind: 'terminate', service: random.pick(serviceNames), forMs: 1_000 }),
  ],
}

/** So many plans make one round. */
const drillCount = Object.keys(drills).length

/** The plan of a number: after each round the same drills come again with another chance. */
export function drillOf(number: number): Plan {
  const random = new Random(number)
  const [, drill] = Object.entries(drills)[number % drillCount] ?? []
  // One rollout before it: the notifier has learnt its channel by then.
  const steps = (drill?.(random) ?? []).map((step) => ({ ...step, atMs: step.atMs + warmUpMs }))
  return {
    seed: number,
    steps: [image(0, '5-ok'), ...steps],
    historyLagMs: 4_000,
    hasCache: number % 3 === 0,
  }
}
