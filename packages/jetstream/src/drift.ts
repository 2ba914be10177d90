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
  const present = new Map<string, unknown>(Object.entries(actual))
  const differences = Object.entries(wanted).flatMap(([field, value]: [string, unknown]) => {
    const is = present.get(field)
    return matches(value, is) ? [] : [{ field, is, wanted: value }]
  })
  if (differences.length === 0) return { kind: 'none' }
  const refused = differences.filter(({ field }) => fixed.includes(field))
  return refused.length > 0 ? { kind: 'refuse', differences: refused } : { kind: 'repair', differences }
}

/** The server adds fields of its own to metadata and republish. */
function matches(wanted: unknown, is: unknown): boolean {
  if (Array.isArray(wanted) || typeof wanted !== 'object' || wanted === null)
    return isDeepStrictEqual(wanted, is)
  if (typeof is !== 'object' || is === null) return false
  const present = new Map<string, unknown>(Object.entries(is))
  return Object.entries(wanted).every(([key, value]: [string, unknown]) => matches(value, present.get(key)))
}

export function describeDifference({ field, is, wanted }: Difference): string {
  return `${field} is ${JSON.stringify(is) ?? 'not set'}, wanted ${JSON.stringify(wanted)}`
}
