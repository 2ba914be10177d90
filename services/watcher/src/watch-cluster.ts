import { randomUUID } from 'node:crypto'
import { createPublisher, type JetStreamConnection, type Report } from '@hermod/jetstream'
import { type ServiceDeps, sleep } from '@hermod/runtime'
import { Announcer } from './announcer.ts'
import type { ApiHealth } from './api-health.ts'
import type { ApiTransport } from './api-server/api-transport.ts'
import { ClusterWatch } from './cluster-watch.ts'
import type { WatcherConfig } from './config.ts'
import { DeploymentLedger } from './deployment-ledger.ts'
import { digesters } from './digester.ts'
import { ObservationStream } from './observation-stream.ts'
import { PodWarnings } from './pod-warnings.ts'
import { ObservationLines } from './publish-observations.ts'
import { RolloutEvidence } from './rollout-evidence.ts'
import { Scope } from './scope.ts'
import { type WatcherMetrics, watcherGauges } from './watcher-metrics.ts'

/** What was found out before the watching may begin. */
export interface Groundwork {
  readonly config: WatcherConfig
  readonly deps: ServiceDeps
  readonly connection: JetStreamConnection
  readonly transport: ApiTransport
  readonly partitions: number
  readonly everywhere: boolean
  readonly health: ApiHealth
  readonly metrics: WatcherMetrics
  readonly report: Report
}

const flushMs = 2_000

/** Puts the parts together and lets them run. What waits to be published at the end is given 2 s. */
export function watchCluster(ground: Groundwork): AsyncDisposable {
  const { config, deps, connection, transport, partitions, everywhere, health, metrics, report } = ground
  const { log, signal, fail } = deps
  const { cluster, namespaces: named, annotatedNamespaces: annotated } = config
  const parts = new AsyncDisposableStack()
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
  const publish = stream.observation.bind(stream)
  const lines = parts.use(new ObservationLines({ publish, dropped: metrics.droppedObservations, fail }))
  const scope = new Scope({ named, annotated })
  const digesterOf = digesters(config.digestKey)
  const warnings = new PodWarnings({ transport, signal })
  const changed = (deploymentUids: ReadonlySet<string>, readAt: number): void =>
    ledger.reconsider(deploymentUids, readAt)
  const isOpen = (deploymentUid: string): boolean => ledger.isOpen(deploymentUid)
  const looking = { transport, health, digesterOf, warnings, clusterWide: everywhere, isOpen, changed, fail }
  const evidence = parts.use(new RolloutEvidence(looking))
  const ledger = new DeploymentLedger({ ...config, scope, evidence, warnings, lines, log })
  const withSpec = config.artifactoryUrl !== undefined
  const reading = { ...config, transport, ledger, digesterOf, withSpec, log, signal }
  const watch = new ClusterWatch(
    { reading, everywhere, named, partitions, scope, ledger, lines, health, signal },
    (listed) => new Announcer({ ledger, lines, stream, evidence, listed, metrics, log, signal, fail }),
  )
  deps.health.check('snapshot', () => watch.snapshot)
  watcherGauges(deps.metrics, {
    deployments: () => ledger.size,
    openRollouts: () => ledger.openRollouts,
    held: () => lines.held,
  })
  const running = watch.run().catch((error: unknown) => {
    if (!signal.aborted) fail(error)
  })
  parts.defer(async () => {
    await running
    await Promise.race([lines.empty(), sleep(flushMs)])
    publishing.abort()
  })
  return parts
}
