import type { FieldManager } from '@hermod/contracts'
import type { V1ManagedFieldsEntry } from '@kubernetes/client-node'
import { clipText } from './clip-text.ts'
import type { Wire } from './wire.ts'

/** Who last wrote the pod template: the newest entry of managedFields that owns a field of it. */
export function lastTemplateWriter(
  managedFields: readonly Wire<V1ManagedFieldsEntry>[] | null | undefined,
): FieldManager | undefined {
  let last: FieldManager | undefined
  for (const { manager, operation, time, fieldsV1, subresource } of managedFields ?? []) {
    if (subresource || !ownsTemplate(fieldsV1)) continue
    // Times are RFC 3339 in UTC and whole seconds, so their text sorts; of one second the later entry counts.
    if (last !== undefined && (last.time ?? '') > (time ?? '')) continue
    last = { manager: clipText(manager ?? '', 128), operation: operation ?? '', ...(time && { time }) }
  }
  return last
}

function ownsTemplate(fieldsV1: unknown): boolean {
  return 'f:template' in child(child({ fieldsV1 }, 'fieldsV1'), 'f:spec')
}

function child(of: object, key: string): object {
  const value: unknown = Object.hasOwn(of, key) ? Reflect.get(of, key) : undefined
  return typeof value === 'object' && value !== null ? value : {}
}
