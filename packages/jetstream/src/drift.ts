import { isDeepStrictEqual } from 'node:util'

export interface Difference {
  readonly field: string
  readonly is: unknown
  readonly wanted: unknown
}

/** How something on the server differs from what we need of it. */
export type Drift =
  | { readonly kind: 'none' }
  | { readonly kind: 'repair'; readonly differences: readonly Difference[] }
  /** Repairing these would lose messages, or the server cannot: somebody must decide. */
  | { readonly kind: 'refuse'; readonly differences: readonly Difference[] }

const fixedOfStream = ['retention', 'storage', 'subjects', 'metadata', 'mirror', 'sources', 'sealed']
const fixedOfConsumer = [
  'ack_policy',
  'deliver_policy',
  'filter_subject',
  'filter_subjects',
  'deliver_subject',
]

export function streamDrift(wanted: object, actual: object): Drift {
  return drift(wanted, actual, fixedOfStream)
}

export function consumerDrift(wanted: object, actual: object): Drift {
  return drift(wanted, actual, fixedOfConsumer)
}

/** Only the wanted fields count; whatever else is set on the server is its owner's business. */
function drift(wanted: object, actual: object, fixed: readonly string[]): Drift {
  const all = differences(wanted, actual)
  if (all.length === 0) return { kind: 'none' }
  const refused = all.filter(({ field }) => fixed.includes(field.split('.', 1)[0] ?? field))
  return refused.length > 0 ? { kind: 'refuse', differences: refused } : { kind: 'repair', differences: all }
}

function differences(wanted: object, actual: unknown): readonly Difference[] {
  const present = new Map<string, unknown>(Object.entries(actual ?? {}))
  return Object.entries(wanted).flatMap(([field, value]: [string, unknown]): readonly Difference[] => {
    const is = present.get(field)
    if (isObject(value))
      return differences(value, is).map((inner) => ({ ...inner, field: `${field}.${inner.field}` }))
    return isDeepStrictEqual(value, is) ? [] : [{ field, is, wanted: value }]
  })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function describeDifference({ field, is, wanted }: Difference): string {
  return `${field} is ${JSON.stringify(is) ?? 'not set'}, wanted ${JSON.stringify(wanted)}`
}
