// Follows the Deployments of a cluster in a thread of its own: when something happened is not when a busy benchmark
// came to look.
import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { type Deployment, type KubeAccess, KubeApi, type WatchEvent } from '@hermod/testkit'

export interface Seen extends WatchEvent<Deployment> {
  readonly atMs: number
}

const path = '/apis/apps/v1/deployments'

function tell(event: WatchEvent<Deployment>): void {
  const atMs = performance.timeOrigin + performance.now()
  parentPort?.postMessage({ ...event, atMs } satisfies Seen)
}

await using api = new KubeApi(workerData as KubeAccess)
const { items, metadata } = await api.list<Deployment>(path)
// What was made, and may have come to rest, before this thread was there.
for (const object of items) tell({ type: 'ADDED', object })
let { resourceVersion } = metadata
// A server ends a watch after a while, and sooner that of a slow reader: it is taken up where it ended.
for (;;) {
  const query = { resourceVersion, allowWatchBookmarks: 'true' }
  for await (const { type, object } of api.watch<Deployment>(path, query, new AbortController().signal)) {
    resourceVersion = object.metadata.resourceVersion
    if (type !== 'BOOKMARK') tell({ type, object })
  }
  await delay(20)
}
