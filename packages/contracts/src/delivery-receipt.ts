import * as v from 'valibot'
import { countSchema, nameSchema, timeSchema } from './deployment-facts-schema.ts'
import { type Parsed, parseVersioned } from './parsed.ts'
import type { RolloutKey } from './rollout.ts'
import { type TransitionKind, transitionKinds } from './rollout-transition.ts'

/** The newest receipt that this release writes and reads. */
export const receiptVersion = 1

/** Proof that people could read it: written to DELIVERIES once Slack's answer is stored. */
export interface DeliveryReceipt extends RolloutKey {
  readonly version: number
  readonly kind: TransitionKind
  readonly action: 'posted' | 'edited' | 'replied'
  /** Slack's id of the channel and of the message. */
  readonly channel: string
  readonly ts: string
  /** When the transition happened, and when Slack accepted it. */
  readonly at: string
  readonly deliveredAt: string
}

export const receiptSchema: v.GenericSchema<unknown, DeliveryReceipt> = v.object({
  version: countSchema,
  cluster: nameSchema,
  namespace: nameSchema,
  name: nameSchema,
  uid: nameSchema,
  attempt: countSchema,
  kind: v.picklist(transitionKinds),
  action: v.picklist(['posted', 'edited', 'replied']),
  channel: nameSchema,
  ts: nameSchema,
  at: timeSchema,
  deliveredAt: timeSchema,
})

/** Reads a receipt from outside data; the result says malformed or newer instead of throwing. */
export function parseReceipt(data: unknown): Parsed<DeliveryReceipt> {
  return parseVersioned(data, receiptSchema, receiptVersion)
}
