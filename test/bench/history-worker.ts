// Follows the Deployments of a cluster in a thread of its own: when something happened is not when a busy benchmark
// came to look.
import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { type Deployment, type KubeAccess, KubeApi, type WatchEvent } from '@hermod/testkit'

export interface Seen extends WatchEvent<Deployment> {
  readonly atMs: number
}

const path = '/apis/apps/v1/deployments'

await using api = new KubeApi(workerData as KubeAccess)
let { resourceVersion } = (await api.list(path)).metadata
// A server ends a watch after a while, and sooner that of a slow reader: it is taken up where it ended.
for (;;) {
  const query = { resourceVersion, allowWatchBookmarks: 'true' }
  for await (const { type, object } of api.watch<Deployment>(path, query, new AbortController().signal)) {
    const atMs = performance.timeOrigin + performance.now()
    resourceVersion = object.metadata.resourceVersion
    if (type !== 'BOOKMARK') parentPort?.postMessage({ type, object, atMs } satisfies Seen)
  }
  await delay(20)
}
