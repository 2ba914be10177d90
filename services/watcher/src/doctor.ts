import { streams } from '@hermod/contracts'
import { examineNats } from '@hermod/jetstream'
import { defineDoctor, type RunCommand } from '@hermod/runtime'
import { checkWatcherConfig, watcherSettings } from './config.ts'
import { examineCluster } from './examine-cluster.ts'

/** What the watcher stands on: NATS, the API server and its rights there, and the namespaces that ask to be told. */
export const watcherDoctor: RunCommand = defineDoctor({
  process: 'watcher',
  usage: `usage: doctor [--json] [--kubeconfig PATH]
Looks at NATS, at the rights in the cluster, at its name, and at the annotations of its namespaces.`,
  settings: watcherSettings,
  check: checkWatcherConfig,
  async *examine(config, { signal }) {
    let isReached = false
    yield* examineNats(config, {
      streams: [streams.observations.name],
      signal,
      onwards: (reach) => {
        isReached = true
        return examineCluster(config, reach, signal)
      },
    })
    if (!isReached) yield* examineCluster(config, undefined, signal)
  },
})
