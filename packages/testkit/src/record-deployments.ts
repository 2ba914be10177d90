/** Owns one watch that writes down every change of every Deployment, as the API server's history has it. */
import { setTimeout as delay } from 'node:timers/promises'
import { type KubeAccess, KubeApi, type WatchEvent } from './kubernetes/kube-api.ts'
import type { Deployment } from './kubernetes/objects.ts'

export interface RecordedEvent {
  readonly type: WatchEvent<Deployment>['type']
  readonly deployment: Deployment
  /** performance.now() when it arrived. */
  readonly atMs: number
}

export interface DeploymentRecord extends AsyncDisposable {
  readonly events: readonly RecordedEvent[]
  /** Aborted, with the reason, when the record has a gap: whoever waits for an event waits in vain. */
  readonly broken: AbortSignal
}

const path = '/apis/apps/v1/deployments'

/**
 * Records from now on. A server ends the watch of a reader that is slow, as one is on a busy machine: it is taken up
 * where it ended. An outage of the API server ends it with an error at dispose: a history with gaps is none.
 */
export async function recordDeployments(
  cluster: KubeAccess,
  hear?: (event: RecordedEvent) => void,
): Promise<DeploymentRecord> {
  const api = new KubeApi(cluster)
  const over = new AbortController()
  const events: RecordedEvent[] = []
  const { metadata } = await api.list(path)
  const record = async (): Promise<never> => {
    let { resourceVersion } = metadata
    for (;;) {
      const query = { resourceVersion, timeoutSeconds: '86400' }
      for await (const { type, object } of api.watch<Deployment>(path, query, over.signal)) {
        resourceVersion = object.metadata.resourceVersion
        const event = { type, deployment: object, atMs: performance.now() }
        events.push(event)
        hear?.(event)
      }
      await delay(20, undefined, { signal: over.signal })
    }
  }
  const broken = new AbortController()
  const ended = record().catch((cause: unknown) => {
    if (!over.signal.aborted) broken.abort(new Error('the record of Deployments has a gap', { cause }))
  })
  return {
    events,
    broken: broken.signal,
    async [Symbol.asyncDispose]() {
      over.abort()
      await ended
      await api[Symbol.asyncDispose]()
      broken.signal.throwIfAborted()
    },
  }
}
