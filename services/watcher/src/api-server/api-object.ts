import type { Identity } from './known-objects.ts'

/** The part of every API object that the reflector reads itself. */
export interface ApiObject {
  readonly identity: Identity
  readonly resourceVersion: string
  readonly annotations: Readonly<Record<string, unknown>>
}

/** Reads names, uid and resourceVersion; undefined for what is no API object. */
export function readApiObject(value: unknown): ApiObject | undefined {
  const metadata = field(value, 'metadata')
  const name = text(field(metadata, 'name'))
  const resourceVersion = text(field(metadata, 'resourceVersion'))
  if (typeof metadata !== 'object' || resourceVersion === '') return undefined
  const annotations = field(metadata, 'annotations')
  return {
    identity: { namespace: text(field(metadata, 'namespace')), name, uid: text(field(metadata, 'uid')) },
    resourceVersion,
    annotations: typeof annotations === 'object' && annotations !== null ? { ...annotations } : {},
  }
}

/** One property of outside data, by its own key alone; undefined where there is none. */
export function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return Reflect.get(value, key)
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
