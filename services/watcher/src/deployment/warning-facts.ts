import type { ContainerRole } from '@hermod/contracts'
import type { CoreV1Event } from '@kubernetes/client-node'
import { clipText } from './clip-text.ts'
import type { Wire } from './wire.ts'

/** A Warning Event about a pod, and which container it means if any. */
export interface WarningFacts {
  readonly podUid: string
  readonly reason: string
  readonly message: string
  readonly container?: { readonly name: string; readonly role: ContainerRole } | undefined
  readonly since?: string | undefined
}

/** Undefined for an Event that warns of no pod. */
export function observeWarning(event: Wire<CoreV1Event>): WarningFacts | undefined {
  const { involvedObject, type, reason, message, firstTimestamp, eventTime } = event
  if (type !== 'Warning' || involvedObject?.kind !== 'Pod' || !involvedObject.uid || !reason) return undefined
  const [, where, name] =
    /^spec\.(initContainers|containers)\{(.+)\}$/.exec(involvedObject.fieldPath ?? '') ?? []
  const since = firstTimestamp ?? eventTime
  return {
    podUid: involvedObject.uid,
    reason: clipText(reason, 100),
    message: clipText(message ?? ''),
    ...(name && { container: { name, role: where === 'containers' ? 'container' : 'init' } }),
    ...(since && { since }),
  }
}
