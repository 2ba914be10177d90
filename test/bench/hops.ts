// What each hop of ours can take, and what a rollout costs the broker. Each hop alone is given what the ones before it
// have made of real rollouts meanwhile.
import { setTimeout as delay } from 'node:timers/promises'
import { streams } from '@hermod/contracts'
import { noBudgets } from '@hermod/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { untilReady } from '../pipeline/pipeline.ts'
import { atRate } from './bed.ts'
import type { Entrant } from './contender.ts'
import { type Figure, type Passed, rateOf } from './figure.ts'
import { type Hermod, isHermod } from './hermod.ts'
import { inParallel } from './in-parallel.ts'
import { type Stage, startRun } from './stage.ts'
import { untilTold } from './told.ts'

const rollouts = 400
const perSecond = 5
// Asking costs the server more than a message does.
const countEveryMs = 100

export async function measureHops(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  const bed = await stage.bed()
  const keys = await bed.deployments(stage.size(rollouts))
  const settings = { SLACK_EDITS_PER_MINUTE: '6000' }
  await using run = await startRun(bed, entrant, { budgets: noBudgets }, settings)
  const { contender } = run
  if (!isHermod(contender)) return []
  const { nats, services } = contender
  const connection = await connect({ servers: nats.url })
  await using _ = { [Symbol.asyncDispose]: () => connection.close() }
  const manager = await jetstreamManager(connection)

  const few = keys.slice(0, Math.min(keys.length, 50))
  const wireBefore = await bytesOnTheWire(contender)
  const storedBefore = await storedBytes(manager)
  await atRate(few, perSecond, (key) => bed.rollOut(key))
  await untilTold(run)
  const wire = ((await bytesOnTheWire(contender)) - wireBefore) / few.length
  const stored = ((await storedBytes(manager)) - storedBefore) / few.length

  await services.dedupe.kill()
  await services.notifier.kill()
  await inParallel(keys, 32, (key) => bed.rollOut(key))
  await bed.untilComplete(keys)
  const drain = async (name: 'dedupe' | 'notifier', stream: string): Promise<Passed> => {
    const pending = (): Promise<number> => pendingOf(manager, stream, `${name}-`)
    const count = await pending()
    await services[name].restart()
    const drained = await timeToDrain(pending, count)
    await untilReady(services[name])
    return drained
  }
  const dedupe = await drain('dedupe', streams.observations.name)
  const notifier = await drain('notifier', streams.rollouts.name)
  await untilTold(run)
  return [
    {
      what: 'observations a second through dedupe, from a backlog',
      cell: { text: rateOf(dedupe) },
    },
    {
      what: 'transitions a second into the notifier, from a backlog',
      cell: { text: rateOf(notifier) },
    },
    {
      what: 'bytes on NATS for one rollout: stored · over its sockets, pulls and acknowledgements included',
      cell: { text: `${kilobytes(stored)} · ${kilobytes(wire)}` },
    },
  ]
}

/** From the first message that is taken to the last. */
async function timeToDrain(pending: () => Promise<number>, count: number): Promise<Passed> {
  let from: number | undefined
  let [left, first] = [count, count]
  while (left > 0) {
    await delay(countEveryMs)
    left = await pending()
    if (from === undefined && left < count) [from, first] = [performance.now(), left]
  }
  return { messages: first, ms: performance.now() - (from ?? performance.now()) }
}

type Manager = Awaited<ReturnType<typeof jetstreamManager>>

async function pendingOf(manager: Manager, stream: string, prefix: string): Promise<number> {
  let sum = 0
  for await (const { name, num_pending, num_ack_pending } of manager.consumers.list(stream))
    if (name.startsWith(prefix)) sum += num_pending + num_ack_pending
  return sum
}

async function storedBytes(manager: Manager): Promise<number> {
  let sum = 0
  for await (const { state } of manager.streams.list()) sum += state.bytes
  return sum
}

async function bytesOnTheWire({ monitorUrl }: Hermod): Promise<number> {
  const answer = await fetch(`${monitorUrl}/varz`)
  const { in_bytes: into, out_bytes: out } = (await answer.json()) as { in_bytes: number; out_bytes: number }
  return into + out
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`
}
