/** Owns one watch that writes down every change of every Deployment, as the API server's history has it. */
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
}

const path = '/apis/apps/v1/deployments'

/** Records from now on. An outage of the API server ends it with an error at dispose: a history with gaps is none. */
export async function recordDeployments(
  cluster: KubeAccess,
  hear?: (event: RecordedEvent) => void,
): Promise<DeploymentRecord> {
  const api = new KubeApi(cluster)
  const over = new AbortController()
  const events: RecordedEvent[] = []
  const { metadata } = await api.list(path)
  const record = async (): Promise<void> => {
    const query = { resourceVersion: metadata.resourceVersion, timeoutSeconds: '86400' }
    for await (const { type, object } of api.watch<Deployment>(path, query, over.signal)) {
      const event = { type, deployment: object, atMs: performance.now() }
      events.push(event)
      hear?.(event)
    }
  }
  let gap: Error | undefined
  const noteGap = (cause: unknown): void => {
    if (!over.signal.aborted) gap = new Error('the record of Deployments has a gap', { cause })
  }
  const ended = record().then(
    () => noteGap('the API server ended the watch'),
    (cause: unknown) => noteGap(cause),
  )
  return {
    events,
    async [Symbol.asyncDispose]() {
      over.abort()
      await ended
      await api[Symbol.asyncDispose]()
      if (gap) throw gap
    },
  }
}
