import { buckets, decodeEvent, observationConsumer, parseObserved, streams } from '@hermod/contracts'
import {
  connectJetStream,
  consume,
  createPublisher,
  natsConnectOptions,
  openBucket,
  type Report,
  readPartitions,
} from '@hermod/jetstream'
import type { ServiceDeps } from '@hermod/runtime'
import { cacheConfig, type DedupeConfig } from './config.ts'
import { openKnownNamespaces } from './known-namespaces.ts'
import { transitionPublisher } from './publish-transitions.ts'
import { rolloutMetrics } from './rollout-metrics.ts'
import { createRolloutStore } from './rollout-store.ts'
import type { Cache, CacheDeps } from './serve-cache.ts'
import { openSnapshotStore } from './snapshot-store.ts'
import { parseStored } from './stored-rollout.ts'
import { takeInMarker } from './take-in-markers.ts'
import { tellStep } from './tell-step.ts'
import { trackRollout } from './track-rollouts.ts'

/** Any number of replicas share the partitions; each pulls from all of them. */
export async function startDedupe(config: DedupeConfig, deps: ServiceDeps): Promise<AsyncDisposable> {
  const { log, health, metrics, signal, report: onFault } = deps
  await using started = new AsyncDisposableStack()
  const report: Report = (part, detail) =>
    health.set(part, detail === undefined ? { ok: true } : { ok: false, detail })
  const link = { ...natsConnectOptions(config), name: 'hermod-dedupe', log, signal, report }
  const connection = started.use(await connectJetStream(link))
  const trying = { signal, onObstacle: (obstacle: string | undefined) => report('partitions', obstacle) }
  const partitions = await readPartitions(connection, streams.observations.name, trying)
  const bucket = buckets.rollouts.name
  const store = started.use(
    createRolloutStore(openBucket({ connection, bucket, parse: parseStored, report })),
  )
  const namespaces = openKnownNamespaces({ connection, bucket, partitions, report })
  const snapshots = openSnapshotStore({ connection, bucket: buckets.baselines.name, report })
  const publisher = createPublisher({ connection, log, report })
  const counts = rolloutMetrics(metrics)
  const cacheDeps = { connection, publisher, partitions, log, health, metrics, report, onFault }
  const cache = started.use(await startCache(config, cacheDeps))
  const publish = transitionPublisher(publisher, partitions)
  const shared = { partitions, store, namespaces, snapshots, publish, cache, onStep: tellStep(log, counts) }

  started.use(
    consume({
      connection,
      stream: streams.observations.name,
      consumers: Array.from({ length: partitions }, (_, partition) => observationConsumer(partition).name),
      service: 'dedupe',
      decode: (body) => decodeEvent(new TextDecoder().decode(body), parseObserved),
      handle: async (event, delivery, graceOver) => {
        const { data } = event
        store.follow(delivery, connection.link)
        return data.kind === 'observation'
          ? await trackRollout({ ...event, data }, delivery, graceOver, shared)
          : await takeInMarker(data, delivery, graceOver, shared)
      },
      publisher,
      log,
      report,
      onFault,
      onSettled: (_, settlement) => counts.settled(settlement.kind === 'dead-letter'),
    }),
  )
  return started.move()
}

async function startCache(config: DedupeConfig, deps: CacheDeps): Promise<Cache | undefined> {
  const wanted = cacheConfig(config)
  if (!wanted) {
    deps.log.info('no cache in Artifactory: ARTIFACTORY_URL and ARTIFACTORY_LOGIN are not both set')
    return undefined
  }
  // got is left in its file where nobody needs it.
  const { serveCache } = await import('./serve-cache.ts')
  return serveCache(wanted, deps)
}
