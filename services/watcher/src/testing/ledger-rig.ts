import assert from 'node:assert/strict'
import type { DeploymentObservation } from '@hermod/contracts'
import { createMetrics, type Logger } from '@hermod/runtime'
import { DeploymentLedger } from '../deployment-ledger.ts'
import { PodWarnings } from '../pod-warnings.ts'
import { ObservationLines } from '../publish-observations.ts'
import { RolloutEvidence } from '../rollout-evidence.ts'
import { Scope } from '../scope.ts'
import { type WatcherMetrics, watcherMetrics } from '../watcher-metrics.ts'
import { testDigester } from './fixtures.ts'
import { quietHealth, quietLog } from './quiet-health.ts'
import { type Served, serveCollections } from './served-collections.ts'

/** A ledger with all namespaces in its scope, what it looks into, and what it published. */
export interface LedgerRig extends AsyncDisposable {
  readonly ledger: DeploymentLedger
  readonly evidence: RolloutEvidence
  readonly lines: ObservationLines
  readonly published: readonly DeploymentObservation[]
  readonly metrics: WatcherMetrics
  readonly signal: AbortSignal
}

export function startLedgerRig(serve: Served = () => [], log: Logger = quietLog()): LedgerRig {
  const parts = new AsyncDisposableStack()
  const stop = new AbortController()
  const { signal } = stop
  parts.defer(() => stop.abort())
  const published: DeploymentObservation[] = []
  const transport = serveCollections(serve)
  const metrics = watcherMetrics(createMetrics({ processMetrics: false }))
  const fail = (error: unknown): never => assert.fail(String(error))
  const publish = async (observation: DeploymentObservation): Promise<void> =>
    void published.push(observation)
  const lines = parts.use(new ObservationLines({ publish, dropped: metrics.droppedObservations, fail }))
  const warnings = new PodWarnings({ transport, signal })
  const evidence = parts.use(
    new RolloutEvidence({
      transport,
      warnings,
      health: quietHealth(),
      digesterOf: () => testDigester,
      clusterWide: true,
      isOpen: (uid) => ledger.isOpen(uid),
      changed: (uids, readAt) => ledger.reconsider(uids, readAt),
      fail,
    }),
  )
  const scope = new Scope({ named: ['*'], annotated: true })
  const options = { cluster: 'test', scope, evidence, warnings, lines, log, gitAnnotationWarning: true }
  const ledger: DeploymentLedger = new DeploymentLedger(options)
  const dispose = (): Promise<void> => parts.disposeAsync()
  return { ledger, evidence, lines, published, metrics, signal, [Symbol.asyncDispose]: dispose }
}
