/** When each hop of a rollout was passed, by the times that NATS gave to its messages: read after the run. */
import { decodeEvent, parseObserved, parseTransition, streams } from '@hermod/contracts'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Hermod } from './hermod.ts'

export interface StageTimes {
  readonly startObserved?: number
  readonly startDecided?: number
  readonly endObserved?: number
  readonly endDecided?: number
}

/** By tag. */
export async function readStageTimes({ nats }: Hermod): Promise<ReadonlyMap<string, StageTimes>> {
  const times = new Map<string, StageTimes>()
  const reached = (image: string | undefined, stage: keyof StageTimes, at: number): void => {
    const tag = image?.split(':').at(-1) ?? ''
    times.set(tag, { [stage]: at, ...times.get(tag) })
  }
  const connection = await connect({ servers: nats.url })
  try {
    for await (const { text, at } of stored(connection, streams.observations.name)) {
      const event = decodeEvent(text, parseObserved)
      if (event.kind !== 'ok' || event.value.data.kind !== 'observation') continue
      const { template, replicas, generation, observedGeneration } = event.value.data
      const image = template.containers[0]?.image
      reached(image, 'startObserved', at)
      const { wanted, updated, total, available } = replicas
      const counts = [updated, total, available]
      if (observedGeneration >= generation && counts.every((count) => count === wanted))
        reached(image, 'endObserved', at)
    }
    for await (const { text, at } of stored(connection, streams.rollouts.name)) {
      const event = decodeEvent(text, parseTransition)
      if (event.kind !== 'ok') continue
      const { kind, rollout } = event.value.data
      const image = rollout.containers[0]?.image
      if (kind === 'started') reached(image, 'startDecided', at)
      if (kind === 'succeeded') reached(image, 'endDecided', at)
    }
  } finally {
    await connection.close()
  }
  return times
}

async function* stored(
  connection: Awaited<ReturnType<typeof connect>>,
  stream: string,
): AsyncGenerator<{ readonly text: string; readonly at: number }> {
  const { state } = await (await jetstreamManager(connection)).streams.info(stream)
  let left = state.messages
  if (left === 0) return
  const consumer = await jetstream(connection).consumers.get(stream)
  for await (const message of await consumer.consume()) {
    yield { text: message.string(), at: message.info.timestampNanos / 1_000_000 }
    left -= 1
    if (left === 0) return
  }
}
