// oxlint-disable-next-line no-restricted-imports -- an oracle of integration tests; no product file imports it
import {
  type ControlPlane,
  createDeployment,
  type Deployment,
  KubeApi,
  type WatchEvent,
} from '@hermod/testkit'

const path = '/apis/apps/v1/deployments'

/** With it the store keeps every change, so that it can be asked for them in the end. */
export const keepHistory: readonly string[] = ['--etcd-compaction-interval=0']

/**
 * What the API server itself knows of every Deployment since then, by uid. Without its cache it tells all that etcd
 * has kept, not only what happened since its own start. It makes one Deployment in `namespace`, to see the end.
 */
export async function historySince(
  plane: ControlPlane,
  resourceVersion: string,
  namespace: string,
): Promise<ReadonlyMap<string, readonly WatchEvent<Deployment>[]>> {
  await using witness = await plane.startSecondApiServer(['--watch-cache=false'])
  await using api = new KubeApi(witness)
  const { metadata } = await createDeployment(plane.api, { namespace, name: 'the-end', image: 'x' })
  const history: WatchEvent<Deployment>[] = []
  const over = new AbortController()
  for await (const event of api.watch<Deployment>(path, { resourceVersion }, over.signal)) {
    if (event.object.metadata.uid === metadata.uid)
      return Map.groupBy(history, ({ object }) => object.metadata.uid)
    history.push(event)
  }
  throw new Error('the history has no end')
}
