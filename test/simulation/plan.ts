/** What a seed stands for: what people do to a cluster, and what breaks meanwhile. Plain data, so that it can be shrunk. */
import type { ArtifactoryTrouble } from './model-artifactory.ts'
import type { SlackTrouble } from './model-slack.ts'
import { type Fate, fates } from './pod-plans.ts'
import { Random } from './random.ts'
import { type ServiceName, serviceNames } from './world.ts'

export type Deed =
  | { readonly kind: 'create' | 'image'; readonly target: string; readonly tag: string }
  | { readonly kind: 'back'; readonly target: string }
  | {
      readonly kind: 'config' | 'restart' | 'annotate' | 'pause' | 'resume' | 'delete'
      readonly target: string
    }
  | { readonly kind: 'scale'; readonly target: string; readonly replicas: number }
  | { readonly kind: 'heal'; readonly target: string }
  | { readonly kind: 'kill' | 'terminate'; readonly service: ServiceName; readonly forMs: number }
  | {
      readonly kind: 'crash'
      readonly service: ServiceName
      readonly request: number
      readonly how: 'dies before' | 'dies after'
      readonly forMs: number
    }
  | { readonly kind: 'second'; readonly service: ServiceName; readonly forMs: number }
  | { readonly kind: 'nats-kill' | 'nats-freeze' | 'nats-erase' | 'nats-full'; readonly forMs: number }
  | { readonly kind: 'nats-set-back'; readonly lostMs: number; readonly forMs: number }
  | { readonly kind: 'api-stop' | 'api-refuse'; readonly forMs: number }
  | { readonly kind: 'api-compact' | 'api-silence' }
  | { readonly kind: 'artifactory'; readonly trouble: ArtifactoryTrouble; readonly forMs: number }
  | { readonly kind: 'slack'; readonly trouble: SlackTrouble; readonly share: number; readonly forMs: number }

export type Step = Deed & { readonly atMs: number }

export interface Plan {
  readonly seed: number
  readonly steps: readonly Step[]
  readonly historyLagMs: number
  /** Whether there is a cache in Artifactory. */
  readonly hasCache: boolean
}

/** Before this everything settles: what is there then is no news. */
export const calmMs = 12_000
export const busyMs = 60_000

export const targets: readonly [string, ...string[]] = ['shop/web', 'shop/api', 'bank/web']
/** Those are there from the start. */
export const standing: readonly string[] = ['shop/web', 'bank/web']

export function planOfSeed(seed: number): Plan {
  const random = new Random(seed)
  const at = (): number => Math.round(random.between(calmMs, calmMs + busyMs))
  const people = Array.from({ length: 2 + random.below(5) }, (_, index) => ({
    atMs: at(),
    ...personal(random, index),
  }))
  // One in five runs sees no fault: what goes wrong then is nobody else's fault.
  const faults = random.chance(0.2) ? 0 : 1 + random.below(5)
  const done = [...people, ...failure(random)]
  // What breaks is most telling while something is on its way.
  const amidst = (): number =>
    (done[random.below(done.length)]?.atMs ?? calmMs) + Math.round(random.between(0, 1_500))
  const broken = Array.from({ length: faults }, () => ({
    atMs: random.chance(0.6) ? amidst() : at(),
    ...faulty(random),
  }))
  const historyLagMs = Math.round(random.between(0, 4_000))
  const hasCache = random.chance(0.5)
  if (hasCache && random.chance(0.3)) broken.push({ atMs: amidst(), ...awayArtifactory(random) })
  if (random.chance(0.08))
    broken.push({ atMs: amidst(), kind: 'nats-full', forMs: Math.round(random.between(500, 15_000)) })
  const steps = [...done, ...broken].sort((a, b) => a.atMs - b.atMs)
  return { seed, steps, historyLagMs, hasCache }
}

/** In one of three runs a rollout hangs until Kubernetes gives up, and then somebody does something about it. */
function failure(random: Random): readonly Step[] {
  if (!random.chance(1 / 3)) return []
  const target = random.pick(targets)
  const atMs = Math.round(random.between(calmMs, calmMs + busyMs / 2))
  const thenMs = atMs + Math.round(random.between(19_000, 30_000))
  const tag = `8-${random.pick(['noimage', 'crash', 'unready', 'config'])}`
  const next = random.pick<Deed>([
    { kind: 'back', target },
    { kind: 'image', target, tag: '9-ok' },
    { kind: 'image', target, tag: '9-unready' },
    { kind: 'heal', target },
    { kind: 'restart', target },
    { kind: 'delete', target },
    { kind: 'scale', target, replicas: 3 },
  ])
  return [
    { atMs, kind: 'image', target, tag },
    { atMs: thenMs, ...next },
  ]
}

function personal(random: Random, index: number): Deed {
  const target = random.pick(targets)
  const tag = `${index + 2}-${fateOf(random)}`
  switch (random.below(14)) {
    case 0:
      return { kind: 'scale', target, replicas: random.below(5) }
    case 1:
      return { kind: 'config', target }
    case 2:
      return { kind: 'restart', target }
    case 3:
      return { kind: 'annotate', target }
    case 4:
      return { kind: 'pause', target }
    case 5:
      return { kind: 'resume', target }
    case 6:
      return { kind: 'delete', target }
    case 7:
      return { kind: 'create', target, tag }
    case 8:
      return { kind: 'back', target }
    case 9:
      return { kind: 'heal', target }
    default:
      return { kind: 'image', target, tag }
  }
}

function fateOf(random: Random): Fate {
  return random.chance(0.5) ? 'ok' : random.pick(fates)
}

function awayArtifactory(random: Random): Deed {
  const trouble = random.chance(0.5) ? 'away' : 'loses-answers'
  return { kind: 'artifactory', trouble, forMs: Math.round(random.between(500, 15_000)) }
}

const troubles: readonly [SlackTrouble, ...SlackTrouble[]] = [
  'rate-limited',
  'refuses',
  'fails',
  'hangs',
  'loses-answers',
  'token-revoked',
]

function faulty(random: Random): Deed {
  const service = random.pick(serviceNames)
  const forMs = Math.round(random.chance(0.7) ? random.between(50, 4_000) : random.between(4_000, 25_000))
  switch (random.below(16)) {
    case 13:
    case 14:
    case 15:
      return {
        kind: 'crash',
        service,
        request: 1 + random.below(40),
        how: random.chance(0.5) ? 'dies before' : 'dies after',
        forMs: Math.min(forMs, 4_000),
      }
    case 0:
    case 1:
    case 2:
      return { kind: 'kill', service, forMs }
    case 3:
      return { kind: 'terminate', service, forMs }
    case 4:
      return { kind: 'second', service, forMs: forMs + 5_000 }
    case 5:
      return { kind: 'nats-kill', forMs }
    case 6:
      return { kind: 'nats-freeze', forMs }
    case 7:
      return { kind: 'api-stop', forMs }
    case 8:
      return { kind: 'api-refuse', forMs }
    case 9:
      return { kind: 'api-compact' }
    case 10:
      return { kind: 'api-silence' }
    default:
      return {
        kind: 'slack',
        trouble: random.pick(troubles),
        share: random.chance(0.5) ? 100 : 40,
        forMs: forMs + 2_000,
      }
  }
}
