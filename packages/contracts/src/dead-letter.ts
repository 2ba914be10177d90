import * as v from 'valibot'
import { countSchema, nameSchema, textRecordSchema, timeSchema } from './deployment-facts-schema.ts'
import { type Parsed, parseVersioned } from './parsed.ts'

/** The newest dead letter that this release writes and reads. */
export const deadLetterVersion = 1

/** A message that cannot be processed, kept whole with the reason, so that it can be sent again after a repair. */
export interface DeadLetter {
  readonly version: number
  readonly service: string
  readonly stream: string
  readonly consumer: string
  readonly sequence: number
  readonly subject: string
  readonly reason: string
  readonly deliveries: number
  readonly headers: Readonly<Record<string, string>>
  /** The payload, byte for byte, in base64. */
  readonly payload: string
  readonly at: string
}

export const deadLetterSchema: v.GenericSchema<unknown, DeadLetter> = v.object({
  version: countSchema,
  service: nameSchema,
  stream: nameSchema,
  consumer: nameSchema,
  sequence: countSchema,
  subject: nameSchema,
  reason: v.string(),
  deliveries: countSchema,
  headers: textRecordSchema,
  payload: v.pipe(v.string(), v.base64()),
  at: timeSchema,
})

/** Reads a dead letter from outside data; the result says malformed or newer instead of throwing. */
export function parseDeadLetter(data: unknown): Parsed<DeadLetter> {
  return parseVersioned(data, deadLetterSchema, deadLetterVersion)
}
