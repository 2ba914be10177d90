import {
  encodeEvent,
  eventHeaders,
  type RolloutTransition,
  rolloutSubject,
  rolloutTraceId,
  traceparentOf,
  transitionMessageId,
} from '@hermod/contracts'
import type { Publisher } from '@hermod/jetstream'

/** Publishes transitions in their order; resolves when the stream holds them all. */
export type PublishTransitions = (
  transitions: readonly RolloutTransition[],
  signal: AbortSignal,
) => Promise<void>

export function transitionPublisher(publisher: Publisher, partitions: number): PublishTransitions {
  return async (transitions, signal) => {
    for (const transition of transitions) {
      const { rollout, kind, at } = transition
      const id = transitionMessageId(transition)
      const traceparent = traceparentOf(rolloutTraceId(rollout), id)
      const body = encodeEvent({
        id,
        source: `/hermod/dedupe/${rollout.cluster}`,
        type: 'transition',
        subject: `${rollout.namespace}/${rollout.name}`,
        time: at,
        traceparent,
        data: transition,
      })
      const headers = eventHeaders({ traceparent })
      await publisher.publish(
        { subject: rolloutSubject(rollout, kind, partitions), id, body, headers },
        signal,
      )
    }
  }
}
