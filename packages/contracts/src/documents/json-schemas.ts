import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import type { EventType } from '../cloud-event.ts'
import { deadLetterSchema, deadLetterVersion } from '../dead-letter.ts'
import { receiptSchema, receiptVersion } from '../delivery-receipt.ts'
import { observationSchema, observationVersion } from '../deployment-observation.ts'
import { stateSchema, stateVersion } from '../rollout-state.ts'
import { transitionSchema, transitionVersion } from '../rollout-transition.ts'
import { markerSchema, markerVersion } from '../snapshot-marker.ts'
import { type DocumentedInterface, readDocComments } from './doc-comments.ts'

export type DataType = EventType | 'state'

interface Published {
  readonly schema: v.GenericSchema
  readonly version: number
  /** The interfaces that the schema describes: of a union, all. */
  readonly interfaces: readonly string[]
}

export const publishedData: Readonly<Record<DataType, Published>> = {
  observation: {
    schema: observationSchema,
    version: observationVersion,
    interfaces: ['DeploymentObservation'],
  },
  snapshot: {
    schema: markerSchema,
    version: markerVersion,
    interfaces: ['SnapshotBegin', 'SnapshotEnd', 'NamespaceReleased'],
  },
  transition: { schema: transitionSchema, version: transitionVersion, interfaces: ['RolloutTransition'] },
  delivery: { schema: receiptSchema, version: receiptVersion, interfaces: ['DeliveryReceipt'] },
  'dead-letter': { schema: deadLetterSchema, version: deadLetterVersion, interfaces: ['DeadLetter'] },
  state: { schema: stateSchema, version: stateVersion, interfaces: ['RolloutState'] },
}

/** The JSON Schema (draft 7, as AsyncAPI has it) of the newest version of this type of data. */
export function jsonSchemaOf(type: DataType): JsonSchema {
  const { schema, version, interfaces } = publishedData[type]
  const documented = readDocComments()
  const converted = toJsonSchema(schema, {
    // Only an RFC 3339 time is checked by code; what else has no counterpart throws.
    overrideAction: ({ valibotAction, jsonSchema }) =>
      valibotAction.type === 'check' ? { ...jsonSchema, format: 'date-time' } : undefined,
  })
  const { $schema, ...plain } = converted
  const parts = (plain.anyOf ?? plain.oneOf ?? [plain]) as JsonSchema[]
  const described = parts.map((part, at) => {
    const told = describe(part, interfaces[at] ?? '', documented)
    return { ...told, properties: { ...told.properties, version: { const: version } } }
  })
  const whole = described.length === 1 ? described[0] : { oneOf: described }
  return { $schema, $id: `urn:hermod:${type}:${version}`, title: `${type} ${version}`, ...whole }
}

/** The schema with the words of its interface, and of the interfaces of its fields. */
function describe(
  schema: JsonSchema,
  name: string,
  documented: ReadonlyMap<string, DocumentedInterface>,
): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([field, inner]) => {
    const { about, type = '' } = fieldOf(name, field, documented) ?? {}
    const nested = /\b([A-Z]\w+)(?:\[\])?(?: \| undefined)?$/.exec(type)?.[1] ?? ''
    const told = describeInner(inner as JsonSchema, nested, documented)
    return [field, { ...told, ...(about && { description: about }) }]
  })
  const about = documented.get(name)?.about
  return {
    ...(about && { description: about }),
    ...schema,
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) as JsonSchema['properties'] }),
  }
}

function describeInner(
  schema: JsonSchema,
  name: string,
  documented: ReadonlyMap<string, DocumentedInterface>,
): JsonSchema {
  if (schema.type !== 'array') return describe(schema, name, documented)
  return { ...schema, items: describe(schema.items as JsonSchema, name, documented) }
}

function fieldOf(
  name: string,
  field: string,
  documented: ReadonlyMap<string, DocumentedInterface>,
): { readonly about?: string | undefined; readonly type: string } | undefined {
  const known = documented.get(name)
  const inherited = (): ReturnType<typeof fieldOf> =>
    known?.parents.map((parent) => fieldOf(parent, field, documented)).find((found) => found !== undefined)
  return known?.fields.get(field) ?? inherited()
}
