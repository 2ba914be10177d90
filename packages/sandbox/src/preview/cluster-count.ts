/**
 * Owns one watch of the cluster's Deployments, independent of the product's own.
 *
 * 1. After a gap it lists anew: several changes in between count as one, for only the last end is owed.
 */
import { sleep } from '@hermod/runtime'
import { type KubeAccess, KubeApi } from '@hermod/testkit'
import { type History, type SeenDeployment, see, seeGone } from './tally.ts'

export interface ClusterCount extends AsyncDisposable {
  readonly history: History
}

const path = '/apis/apps/v1/deployments'
const againMs = 1_000

/** Counts from now on; what is there already is no change. */
export function countChanges(cluster: KubeAccess): ClusterCount {
  const api = new KubeApi(cluster)
  const stopping = new AbortController()
  const { signal } = stopping
  let history: History = new Map()
  let isFirst = true

  const listAndWatch = async (): Promise<void> => {
    const { items, metadata } = await api.get<{
      metadata: { resourceVersion: string }
      items: readonly SeenDeployment[]
    }>(path)
    const now = Date.now()
    for (const item of items) history = see(history, isFirst ? 'LISTED' : 'CHANGED', item, now)
    isFirst = false
    const present = new Set(items.map((item) => item.metadata.uid))
    for (const uid of history.keys()) if (!present.has(uid)) history = seeGone(history, uid, now)
    const query = { resourceVersion: metadata.resourceVersion, timeoutSeconds: '86400' }
    for await (const { type, object } of api.watch<SeenDeployment>(path, query, signal)) {
      if (type === 'DELETED') history = seeGone(history, object.metadata.uid, Date.now())
      else history = see(history, 'CHANGED', object, Date.now())
    }
  }
  const count = async (): Promise<void> => {
    while (!signal.aborted) {
      // An API server that is away, or a version that is too old: the next list tells.
      await listAndWatch().catch(() => undefined)
      await sleep(againMs, signal)
    }
  }
  const counting = count()
  return {
    get history() {
      return history
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await api[Symbol.asyncDispose]()
      await counting
    },
  }
}
