// Owns when each stage of a rollout was reached, as seen from outside: on the cluster's own watch, by the times that
// NATS gave to the messages, and by the arrival of the calls at Slack. All are Unix ms of one machine.
import { decodeEvent, parseObserved, parseTransition, streams } from '@hermod/contracts'
import type { Deployment, KubeApi } from '@hermod/testkit'
import { type JsMsg, jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Cluster, Pipeline } from './pipeline.ts'

export const stages = [
  'start: API event',
  'start: observation stored',
  'start: transition stored',
  'start: Slack request',
  'end: API event',
  'end: observation stored',
  'end: transition stored',
  'end: Slack request',
] as const

export type Stage = (typeof stages)[number]

/** The first time that each stage was reached, by the tag that was rolled out. */
export type RolloutTimes = Readonly<Partial<Record<Stage, number>>>

export interface RolloutClock extends AsyncDisposable {
  timesOf(tag: string): RolloutTimes
}

/** Tags must be used once only. */
export async function startRolloutClock(
  { controlPlane }: Cluster,
  { nats, slack }: Pipeline,
): Promise<RolloutClock> {
  const times = new Map<string, Partial<Record<Stage, number>>>()
  const reached = (tag: string | undefined, stage: Stage, at: number): void => {
    if (tag === undefined) return
    const known = times.get(tag) ?? {}
    times.set(tag, { [stage]: at, ...known })
  }
  await using stack = new AsyncDisposableStack()
  const over = new AbortController()
  const watching = watchCluster(controlPlane.api, reached, over.signal)
  const connection = stack.adopt(await connect({ servers: nats.url }), (open) => open.close())
  const read = async (stream: string, onMessage: (message: JsMsg) => void): Promise<void> => {
    const consumer = await jetstream(connection).consumers.get(stream)
    const messages = await consumer.consume({ callback: onMessage })
    stack.defer(() => void messages.close())
  }
  await read(streams.observations.name, (message) => noteObservation(message, reached))
  await read(streams.rollouts.name, (message) => noteTransition(message, reached))
  const deaf = slack.onCall(({ outcome, at, args }) => {
    const text = typeof args['text'] === 'string' ? args['text'] : ''
    if (outcome !== 'pending') return
    const stage = / is live\b/.test(text) ? 'end: Slack request' : 'start: Slack request'
    for (const word of text.split(/[\s*·]+/)) if (/^t\d+$/.test(word)) reached(word, stage, at)
  })
  stack.defer(deaf)
  stack.defer(() => watching)
  stack.defer(() => over.abort())
  const started = stack.move()
  return {
    timesOf: (tag) => times.get(tag) ?? {},
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

type Reached = (tag: string | undefined, stage: Stage, at: number) => void

async function watchCluster(api: KubeApi, reached: Reached, signal: AbortSignal): Promise<void> {
  try {
    for await (const { object } of api.watch<Deployment>('/apis/apps/v1/deployments', {}, signal)) {
      const at = performance.timeOrigin + performance.now()
      const tag = tagOf(object.spec.template.spec.containers[0]?.image)
      reached(tag, 'start: API event', at)
      if (isComplete(object)) reached(tag, 'end: API event', at)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function noteObservation(message: JsMsg, reached: Reached): void {
  const event = decodeEvent(message.string(), parseObserved)
  if (event.kind !== 'ok' || event.value.data.kind !== 'observation') return
  const { template, replicas, generation, observedGeneration } = event.value.data
  const tag = tagOf(template.containers[0]?.image)
  reached(tag, 'start: observation stored', storedAt(message))
  const { wanted, updated, total, available } = replicas
  const complete =
    observedGeneration >= generation && [updated, total, available].every((count) => count === wanted)
  if (complete) reached(tag, 'end: observation stored', storedAt(message))
}

function noteTransition(message: JsMsg, reached: Reached): void {
  const event = decodeEvent(message.string(), parseTransition)
  if (event.kind !== 'ok') return
  const { kind, rollout } = event.value.data
  const tag = tagOf(rollout.containers[0]?.image)
  if (kind === 'started') reached(tag, 'start: transition stored', storedAt(message))
  if (kind === 'succeeded') reached(tag, 'end: transition stored', storedAt(message))
}

function storedAt({ info }: JsMsg): number {
  return info.timestampNanos / 1_000_000
}

function tagOf(image: string | undefined): string | undefined {
  return image?.split(':').at(-1)
}

function isComplete({ metadata, spec, status }: Deployment): boolean {
  const { observedGeneration = 0, updatedReplicas, replicas, availableReplicas } = status
  return (
    observedGeneration >= (metadata.generation ?? 0) &&
    [updatedReplicas, replicas, availableReplicas].every((count) => count === spec.replicas)
  )
}
