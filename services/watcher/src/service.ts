import { randomUUID } from 'node:crypto'
import { streams } from '@hermod/contracts'
import { connectJetStream, createPublisher, natsConnectOptions, readPartitions } from '@hermod/jetstream'
import { type ServiceDeps, sleep } from '@hermod/runtime'
import { Announcer } from './announcer.ts'
import { apiAccess } from './api-access.ts'
import { ApiHealth } from './api-health.ts'
import { HttpTransport } from './api-server/api-transport.ts'
import { ClusterWatch } from './cluster-watch.ts'
import type { WatcherConfig } from './config.ts'
import { DeploymentLedger } from './deployment-ledger.ts'
import { digesters } from './digester.ts'
import { ObservationStream } from './observation-stream.ts'
import { PodWarnings } from './pod-warnings.ts'
import { ObservationLines } from './publish-observations.ts'
import { reachCluster } from './reach-cluster.ts'
import { RolloutEvidence } from './rollout-evidence.ts'
import { Scope } from './scope.ts'
import { watcherMetrics } from './watcher-metrics.ts'

const flushMs = 2_000

/** Connects to NATS and to the cluster, waiting for both, then watches until it is disposed of. */
export async function startWatcher(config: WatcherConfig, deps: ServiceDeps): Promise<AsyncDisposable> {
  const { log, signal, fail } = deps
  const { cluster, namespaces: named, annotatedNamespaces: annotated } = config
  await using parts = new AsyncDisposableStack()
  const metrics = watcherMetrics(deps.metrics)
  const health = new ApiHealth(log, metrics)
  const report = (part: string, obstacle: string | undefined): void =>
    deps.health.set(part, { ok: obstacle === undefined, ...(obstacle && { detail: obstacle }) })
  deps.health.check('kubernetes', () => health.state)

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

  const publishing = new AbortController()
  const stream = new ObservationStream({
    publisher: createPublisher({ connection, log, report }),
    cluster,
    partitions,
    bootId: randomUUID(),
    signal: publishing.signal,
    log,
    metrics,
    onStreamLost: () => watch.streamLost(),
  })
  const lines = parts.use(
    new ObservationLines({
      publish: (each) => stream.observation(each),
      dropped: metrics.droppedObservations,
      fail,
    }),
  )
  const scope = new Scope({ named, annotated })
  const digesterOf = digesters(config.digestKey)
  const warnings = new PodWarnings({ transport, signal })
  const changed = (deploymentUids: ReadonlySet<string>): void => ledger.reconsider(deploymentUids)
  const evidence = parts.use(
    new RolloutEvidence({ transport, health, digesterOf, warnings, clusterWide: everywhere, changed, fail }),
  )
  const ledger = new DeploymentLedger({ ...config, scope, evidence, warnings, lines, log })
  const reading = {
    transport,
    ledger,
    digesterOf,
    withSpec: config.artifactoryUrl !== undefined,
    signal,
    ...config,
  }
  const watch = new ClusterWatch(
    { reading, everywhere, named, partitions, scope, ledger, lines, health, signal },
    (listed) => new Announcer({ ledger, lines, stream, evidence, listed, metrics, log, signal, fail }),
  )
  const running = watch.run().catch((error: unknown) => {
    if (!signal.aborted) fail(error)
  })
  parts.defer(async () => {
    await running
    await Promise.race([lines.empty(), sleep(flushMs)])
    publishing.abort()
  })
  return parts.move()
}
