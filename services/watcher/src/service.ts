import { streams } from '@hermod/contracts'
import { connectJetStream, natsConnectOptions, readPartitions } from '@hermod/jetstream'
import type { ServiceDeps } from '@hermod/runtime'
import { apiAccess } from './api-access.ts'
import { ApiHealth } from './api-health.ts'
import { HttpTransport } from './api-server/api-transport.ts'
import type { WatcherConfig } from './config.ts'
import { reachCluster } from './reach-cluster.ts'
import { watchCluster } from './watch-cluster.ts'
import { watcherMetrics } from './watcher-metrics.ts'

/** Connects to NATS and to the cluster, waiting for both, then watches until it is disposed of. */
export async function startWatcher(config: WatcherConfig, deps: ServiceDeps): Promise<AsyncDisposable> {
  const { log, signal } = deps
  const { cluster, namespaces: named, annotatedNamespaces: annotated } = config
  await using parts = new AsyncDisposableStack()
  const metrics = watcherMetrics(deps.metrics)
  const health = new ApiHealth(log, metrics)
  deps.health.check('kubernetes', () => health.state)
  const report = (part: string, obstacle: string | undefined): void => {
    deps.health.set(part, { ok: obstacle === undefined, ...(obstacle && { detail: obstacle }) })
  }

  const connection = parts.use(
    await connectJetStream({ ...natsConnectOptions(config), name: 'hermod-watcher', log, signal, report }),
  )
  const partitions = await readPartitions(connection, streams.observations.name, { signal })
  const transport = parts.use(new HttpTransport(apiAccess(config)))
  const { everywhere } = await reachCluster({
    transport,
    connection,
    cluster,
    health,
    named,
    annotated,
    signal,
  })
  log.info({ cluster, partitions, everywhere }, 'watching')
  parts.use(
    watchCluster({ config, deps, connection, transport, partitions, everywhere, health, metrics, report }),
  )
  return parts.move()
}
