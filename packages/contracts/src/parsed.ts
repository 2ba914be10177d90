import * as v from 'valibot'

/**
 * What a parser says of outside data. `newer` is no fault: somebody upgraded the writer first,
 * so the reader holds the message until it is upgraded too.
 */
export type Parsed<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'malformed'; readonly problem: string }

/**
 * Checks `data` against `schema`, once its `version` is known to be one we read.
 * Unknown fields are dropped. The problem names the field: `images.0.container: Expected string`.
 */
export function parseVersioned<T>(
  data: unknown,
  schema: v.GenericSchema<unknown, T>,
  newestVersion: number,
): Parsed<T> {
  const version = versionOf(data)
  if (version !== undefined && version > newestVersion) return { kind: 'newer', version }
  const result = v.safeParse(schema, data)
  if (result.success) return { kind: 'ok', value: result.output }
  return { kind: 'malformed', problem: describeIssues(result.issues) }
}

/** Parses JSON text, then hands the result to `parse`; text that is no JSON is malformed. */
export function parseJson<T>(text: string, parse: (data: unknown) => Parsed<T>): Parsed<T> {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    return { kind: 'malformed', problem: `not JSON: ${String(error)}` }
  }
  return parse(data)
}

function versionOf(data: unknown): number | undefined {
  if (typeof data !== 'object' || data === null || !('version' in data)) return undefined
  return Number.isSafeInteger(data.version) ? Number(data.version) : undefined
}

function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues
    .slice(0, 3)
    .map((issue) => `${v.getDotPath(issue) ?? 'value'}: ${issue.message}`)
    .join('; ')
}
