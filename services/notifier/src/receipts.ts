import {
  deliverySubject,
  encodeEvent,
  eventHeaders,
  receiptVersion,
  rolloutTraceId,
  traceparentOf,
} from '@hermod/contracts'
import type { OutgoingMessage } from '@hermod/jetstream'
import type { Delivered } from './delivery-context.ts'
import type { RolloutStory } from './notification/card.ts'

/** Proof for other programs that people could read it. `at` is when Slack accepted it. */
export function receiptOf(
  { open, action, channel, ts }: Delivered,
  { shown, epoch, n }: RolloutStory,
  at: Date,
  partitions: number,
): OutgoingMessage {
  const { cluster, namespace, name, uid, attempt } = shown.rollout
  const rollout = { cluster, namespace, name, uid, attempt }
  const id = [open.key, channel, ts, epoch, n, action].join('.')
  const deliveredAt = at.toISOString()
  const traceparent = traceparentOf(rolloutTraceId(rollout), id)
  const data = {
    version: receiptVersion,
    ...rollout,
    kind: shown.kind,
    action,
    channel,
    ts,
    at: shown.at,
    deliveredAt,
  }
  const body = encodeEvent({
    id,
    type: 'delivery',
    source: `/hermod/notifier/${cluster}`,
    subject: `${namespace}/${name}`,
    time: deliveredAt,
    traceparent,
    data,
  })
  return { subject: deliverySubject(rollout, partitions), id, body, headers: eventHeaders({ traceparent }) }
}
