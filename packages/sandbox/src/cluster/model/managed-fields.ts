/**
 * Who wrote what: metadata.managedFields, as the API server keeps it of requests that write (kubernetes v1.36.3
 * staging/src/k8s.io/apimachinery/pkg/util/managedfields). A field belongs to whoever changed it last; of lists only
 * those merged by name have items with owners of their own.
 */
import { isDeepStrictEqual } from 'node:util'

export interface ManagedFields {
  readonly manager: string
  readonly operation: 'Update'
  readonly apiVersion: string
  readonly time: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: FieldSet
}

/** `f:NAME` of a field, `k:{…}` of an item of a list. The `.` of the thing itself is left out. */
export interface FieldSet {
  readonly [path: string]: FieldSet
}

interface Write {
  readonly manager: string
  readonly apiVersion: string
  readonly now: string
}

/** The entries after a write that turned `before` into `after`; those without a field are gone. */
export function noteWriter(
  entries: readonly ManagedFields[],
  before: object,
  after: object,
  { manager, apiVersion, now }: Write,
): readonly ManagedFields[] {
  const changed = changedFields(before, after)
  if (Object.keys(changed).length === 0) return entries
  const own = entries.find((entry) => entry.manager === manager)
  const others = entries
    .filter((entry) => entry !== own)
    .map((entry) => ({ ...entry, fieldsV1: without(entry.fieldsV1, changed) }))
    .filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0)
  const fieldsV1 = present(union(own?.fieldsV1 ?? {}, changed), after)
  const entry = {
    manager,
    operation: 'Update',
    apiVersion,
    time: now,
    fieldsType: 'FieldsV1',
    fieldsV1,
  } as const
  const standing = others.map((each) => ({ ...each, fieldsV1: present(each.fieldsV1, after) }))
  return [...standing, entry].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
}

function orderOf({ time, manager }: ManagedFields): string {
  return `${time} ${manager}`
}

type Items = readonly (readonly [key: string, value: unknown])[]

function changedFields(before: unknown, after: unknown): FieldSet {
  const was = new Map(itemsOf(before) ?? [])
  const fields = (itemsOf(after) ?? []).flatMap(([key, value]): [string, FieldSet][] => {
    if (was.has(key) && isDeepStrictEqual(was.get(key), value)) return []
    return [[key, whole.has(key) ? {} : changedFields(was.get(key), value)]]
  })
  return Object.fromEntries(fields)
}

const whole = new Set(['f:selector'])
// The keys by which the lists of a Deployment's template are merged.
const itemKeys = ['name', 'containerPort', 'mountPath']

/** The parts of a map, or of a list of named items; undefined for what is written as a whole. */
function itemsOf(value: unknown): Items | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!Array.isArray(value)) return Object.entries(value).map(([name, item]) => [`f:${name}`, item])
  const items = value.map((item: unknown): [string, unknown] | undefined => {
    const key = itemKeys.find(
      (name) => typeof item === 'object' && item !== null && Object.hasOwn(item, name),
    )
    return key === undefined
      ? undefined
      : [`k:${JSON.stringify({ [key]: Reflect.get(item as object, key) })}`, item]
  })
  return items.every((item) => item !== undefined) && items.length > 0 ? items : undefined
}

function union(a: FieldSet, b: FieldSet): FieldSet {
  const merged: Record<string, FieldSet> = { ...a }
  for (const [path, fields] of Object.entries(b)) merged[path] = union(merged[path] ?? {}, fields)
  return merged
}

function without(fields: FieldSet, taken: FieldSet): FieldSet {
  const left = Object.entries(fields).flatMap(([path, inner]): [string, FieldSet][] => {
    const other = taken[path]
    // Whoever wrote an empty thing keeps it when others put something into it.
    const wasEmpty = Object.keys(inner).length === 0 && Object.keys(other ?? {}).length > 0
    if (other === undefined || wasEmpty) return [[path, inner]]
    const rest = without(inner, other)
    return Object.keys(rest).length > 0 ? [[path, rest]] : []
  })
  return Object.fromEntries(left)
}

/** Without what is no longer there. */
function present(fields: FieldSet, value: unknown): FieldSet {
  const items = new Map(itemsOf(value) ?? [])
  const left = Object.entries(fields).flatMap(([path, inner]): [string, FieldSet][] => {
    return items.has(path) ? [[path, present(inner, items.get(path))]] : []
  })
  return Object.fromEntries(left)
}
