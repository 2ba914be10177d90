/** PURE: what a seed does to which process, and when. */
import { type ServiceName, serviceNames } from '../pipeline/service-process.ts'
import { Random } from '../simulation/random.ts'

export type Victim = ServiceName | 'nats-server'

export type Strike = {
  /** After the one before it. */
  readonly afterMs: number
  /** From its end to its next start. */
  readonly downMs: number
} & (
  | { readonly kind: 'kill -9'; readonly victim: Victim }
  | { readonly kind: 'SIGTERM'; readonly victim: ServiceName; readonly when: 'running' | 'starting' }
)

const longestPauseMs = 3_000
const longestDownMs = 1_000
const startingShare = 0.2

/** The victims take turns, in an order of their own each time. */
export function drawKills(seed: number, count: number): readonly Strike[] {
  const random = new Random(seed)
  return draw(random, count, [...serviceNames, 'nats-server'] as const).map((strike) => ({
    ...strike,
    kind: 'kill -9',
  }))
}

export function drawTerminations(seed: number, count: number): readonly Strike[] {
  const random = new Random(seed)
  return draw(random, count, serviceNames).map((strike) => ({
    ...strike,
    kind: 'SIGTERM',
    when: random.chance(startingShare) ? 'starting' : 'running',
  }))
}

function draw<V extends Victim>(
  random: Random,
  count: number,
  victims: readonly V[],
): readonly { readonly victim: V; readonly afterMs: number; readonly downMs: number }[] {
  const turns = Array.from({ length: Math.ceil(count / victims.length) }, () => shuffled(victims, random))
  return turns
    .flat()
    .slice(0, count)
    .map((victim) => ({
      victim,
      afterMs: Math.round(random.between(0, longestPauseMs)),
      downMs: Math.round(random.between(0, longestDownMs)),
    }))
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item)
}

export function describe(strike: Strike): string {
  const how = strike.kind === 'SIGTERM' ? `SIGTERM while ${strike.when}` : strike.kind
  return `${strike.victim}: ${how}, back after ${strike.downMs} ms`
}
