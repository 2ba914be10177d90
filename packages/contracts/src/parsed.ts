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
  const newer = newerThan(newestVersion, data)
  if (newer) return newer
  const result = v.safeParse(schema, data)
  if (result.success) return { kind: 'ok', value: result.output }
  return { kind: 'malformed', problem: describeIssues(result.issues) }
}

/**
 * As `parseVersioned`, for a small value of a single version that only its writer reads: `read` makes it of its fields,
 * or says what is wrong with them.
 */
export function parseFields<T extends { readonly version: number }>(
  data: unknown,
  version: T['version'],
  read: (fields: { readonly [K in keyof T]?: unknown }) => T | string,
): Parsed<T> {
  const newer = newerThan(version, data)
  if (newer) return newer
  if (versionOf(data) !== version) return { kind: 'malformed', problem: `version: expected ${version}` }
  // Nothing but an object has a version.
  const value = read(data as object)
  return typeof value === 'string' ? { kind: 'malformed', problem: value } : { kind: 'ok', value }
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

function newerThan(newestVersion: number, data: unknown): Parsed<never> | undefined {
  const version = versionOf(data)
  if (version !== undefined && version > newestVersion) return { kind: 'newer', version }
  return undefined
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
