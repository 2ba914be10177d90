import type { Draft } from './draft.ts'
import type { KubeEvent, StoredObject } from './objects.ts'
import { hashOf } from './template-hash.ts'

const components: Readonly<Record<string, string>> = {
  Deployment: 'deployment-controller',
  ReplicaSet: 'replicaset-controller',
  Pod: 'kubelet',
}

/**
 * Says it in an Event. What is said again is counted up in place, as client-go's recorder does. Nothing is said in a
 * namespace that is ending: its API server would not take it.
 */
export function say(
  draft: Draft,
  about: StoredObject,
  type: KubeEvent['type'],
  reason: string,
  message: string,
  { fieldPath, component = components[about.kind] ?? '' }: { fieldPath?: string; component?: string } = {},
): void {
  const { namespace = '', name, uid } = about.metadata
  const own = `${name}.${hashOf(JSON.stringify([uid, type, reason, message, fieldPath]))}`
  const said = draft.get('Event', namespace, own)
  if (said) {
    draft.write(said, { ...said, count: said.count + 1, lastTimestamp: draft.now })
    return
  }
  if (draft.get('Namespace', '', namespace)?.metadata.deletionTimestamp !== undefined) return
  draft.create<KubeEvent>({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: own, namespace },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      namespace,
      uid,
      ...(fieldPath !== undefined && { fieldPath }),
    },
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: draft.now,
    lastTimestamp: draft.now,
    source: { component },
    reportingComponent: component,
    reportingInstance: component,
  })
}
