// Owns one round of kills: rollouts of every kind are started, one process of the pipeline is killed with -9 at a
// random moment while they are under way, and started again a random moment later.
import { setTimeout as delay } from 'node:timers/promises'
import type { Expected } from './final-states.ts'
import type { Cluster, Pipeline } from './pipeline.ts'
import { type ServiceName, serviceNames } from './service-process.ts'

export type Victim = ServiceName | 'nats-server'

export const victims: readonly Victim[] = [...serviceNames, 'nats-server']

/** What chance decides in a round. */
export interface Chances {
  readonly victim: Victim
  readonly killAfterMs: number
  readonly restartAfterMs: number
}

const longestBeforeKillMs = 1_500
const longestDeadMs = 1_000

/** The n-th of a sequence that a seed fixes: the victims take turns, in an order of their own each time. */
export function chancesOf(seed: number, round: number): Chances {
  const random = randomFrom(seed * 1_000_003 + round)
  const turn = Math.floor(round / victims.length)
  const order = shuffled(victims, randomFrom(seed * 7_919 + turn))
  return {
    victim: order[round % victims.length] ?? 'watcher',
    killAfterMs: Math.floor(random() * longestBeforeKillMs),
    restartAfterMs: Math.floor(random() * longestDeadMs),
  }
}

/** mulberry32: small, and the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

const kinds: readonly { readonly kind: string; readonly tag: string; readonly end: Expected['end'] }[] = [
  { kind: 'prompt', tag: '2', end: 'live' },
  { kind: 'late', tag: 'slow-2', end: 'live' },
  { kind: 'broken', tag: 'badimage', end: 'failed' },
]

/** The rollouts of a round, each of a Deployment of its own: none is overtaken by the next round's. */
export function rolloutsOf(namespace: string, round: number): readonly Expected[] {
  return kinds.map(({ kind, tag, end }) => ({ namespace, name: `${kind}-${round}`, tag, end }))
}

/** Starts the rollouts of a round while it plays its kill. */
export async function playRound(
  rollouts: readonly Expected[],
  { victim, killAfterMs, restartAfterMs }: Chances,
  { cluster, pipeline }: { readonly cluster: Cluster; readonly pipeline: Pipeline },
): Promise<void> {
  const killed = delay(killAfterMs).then(() => killAndRestart(pipeline, victim, restartAfterMs))
  for (const { namespace, name, tag } of rollouts) await cluster.operator.setTag(namespace, name, tag)
  await killed
}

async function killAndRestart(pipeline: Pipeline, victim: Victim, restartAfterMs: number): Promise<void> {
  const part = victim === 'nats-server' ? pipeline.nats : pipeline.services[victim]
  await part.kill()
  await delay(restartAfterMs)
  await part.restart()
}
