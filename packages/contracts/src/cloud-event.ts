import * as v from 'valibot'
import { nameSchema, timeSchema } from './deployment-facts-schema.ts'
import { type Parsed, parseJson } from './parsed.ts'
import { traceIdOf } from './trace.ts'

/** The Content-Type header of every message: CloudEvents 1.0, structured mode of the NATS binding. */
export const cloudEventContentType = 'application/cloudevents+json'

export type EventType = 'observation' | 'snapshot' | 'transition' | 'delivery' | 'dead-letter'

/** CloudEvents 1.0 (https://github.com/cloudevents/spec), the attributes that we set. */
export interface CloudEvent<T> {
  /** Also the Nats-Msg-Id. */
  readonly id: string
  /** `/hermod/<service>/<cluster>` */
  readonly source: string
  /** `hermod.<event type>` */
  readonly type: string
  /** `<namespace>/<name>` */
  readonly subject: string
  readonly time: string
  /** W3C trace context: one trace per rollout, from watch event to Slack call. */
  readonly traceparent?: string | undefined
  readonly data: T
}

export interface NewEvent<T> extends Omit<CloudEvent<T>, 'type'> {
  readonly type: EventType
}

/** The headers of an event's message; the trace stands in them too, for whoever does not open envelopes. */
export function eventHeaders({
  traceparent,
}: {
  readonly traceparent?: string | undefined
}): Record<string, string> {
  return { 'Content-Type': cloudEventContentType, ...(traceparent !== undefined && { traceparent }) }
}

/** The message body of an event. `version` of the data names its JSON Schema. */
export function encodeEvent<T extends { readonly version: number }>(event: NewEvent<T>): string {
  const { type, data, ...attributes } = event
  return JSON.stringify({
    specversion: '1.0',
    type: `hermod.${type}`,
    ...attributes,
    datacontenttype: 'application/json',
    dataschema: `urn:hermod:${type}:${data.version}`,
    data,
  })
}

const envelope = v.object({
  specversion: v.literal('1.0'),
  id: nameSchema,
  source: nameSchema,
  type: nameSchema,
  subject: v.string(),
  time: timeSchema,
  traceparent: v.exactOptional(v.unknown()),
  data: v.unknown(),
})

/** Reads a message body and its data; `parse` decides whether the data is malformed or newer. */
export function decodeEvent<T>(body: string, parse: (data: unknown) => Parsed<T>): Parsed<CloudEvent<T>> {
  return parseJson(body, (json) => {
    const result = v.safeParse(envelope, json)
    if (!result.success) return { kind: 'malformed', problem: `CloudEvent: ${v.summarize(result.issues)}` }
    const { specversion: _, traceparent, data, ...attributes } = result.output
    const parsed = parse(data)
    if (parsed.kind !== 'ok') return parsed
    // Whoever traces badly shall still be heard.
    const trace = typeof traceparent === 'string' && traceIdOf(traceparent) !== undefined && { traceparent }
    return { kind: 'ok', value: { ...attributes, ...trace, data: parsed.value } }
  })
}
