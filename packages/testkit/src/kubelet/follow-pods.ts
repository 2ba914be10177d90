import { setTimeout as delay } from 'node:timers/promises'
import type { KubeApi } from '../kubernetes/kube-api.ts'
import type { Pod } from '../kubernetes/objects.ts'

export type PodNews =
  | { readonly kind: 'seen'; readonly pod: Pod }
  | { readonly kind: 'gone'; readonly uid: string }
  /** All there were have been told. */
  | { readonly kind: 'listed' }

const path = '/api/v1/pods'

/** Every pod of the cluster and every change of one, over any outage of the API server, until `signal`. */
export async function* followPods(api: KubeApi, signal: AbortSignal): AsyncGenerator<PodNews> {
  const known = new Set<string>()
  while (!signal.aborted) {
    try {
      const list = await api.list<Pod>(path)
      const listed = new Set(list.items.map(({ metadata }) => metadata.uid))
      for (const uid of known.difference(listed)) yield tellGone(uid)
      for (const pod of list.items) yield tellSeen(pod)
      yield { kind: 'listed' }
      yield* follow(list.metadata.resourceVersion)
    } catch {
      await delay(50)
    }
  }

  async function* follow(from: string): AsyncGenerator<PodNews> {
    let resourceVersion = from
    for (;;) {
      const query = { resourceVersion, allowWatchBookmarks: 'true', timeoutSeconds: '60' }
      for await (const { type, object } of api.watch<Pod>(path, query, signal)) {
        resourceVersion = object.metadata.resourceVersion
        if (type === 'DELETED') yield tellGone(object.metadata.uid)
        else if (type !== 'BOOKMARK') yield tellSeen(object)
      }
      // A server that is just starting may end every watch at once.
      await delay(50)
    }
  }

  function tellSeen(pod: Pod): PodNews {
    known.add(pod.metadata.uid)
    return { kind: 'seen', pod }
  }

  function tellGone(uid: string): PodNews {
    known.delete(uid)
    return { kind: 'gone', uid }
  }
}
