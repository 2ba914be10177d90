import { setTimeout as delay } from 'node:timers/promises'
import { type SandboxClusterOptions, startSandboxCluster } from './cluster/sandbox-cluster.ts'
import type { Nodes, RunningCluster } from './cluster-stand-in.ts'
import type { RunFile } from './run-file.ts'

const awayMs = 3_000

/** The model of a cluster; it lives in the sandbox's own process and keeps its state in `folder`. */
export async function startModelCluster(folder: string, run: RunFile, nodes: Nodes): Promise<RunningCluster> {
  const cluster = await startPlayedModel({ folder, ...nodes })
  run.set('cluster', { pid: undefined, state: 'running', starts: 1, ports: { http: cluster.port } })
  return cluster
}

/** A model whose API comes back by itself. */
export async function startPlayedModel(
  options: SandboxClusterOptions,
): Promise<RunningCluster & { readonly port: number }> {
  const cluster = await startSandboxCluster(options)
  const stopping = new AbortController()
  let away: Promise<void> | undefined
  const cut = async (): Promise<void> => {
    await cluster.cut()
    await delay(awayMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    if (!stopping.signal.aborted) await cluster.connect()
  }
  return {
    kubeconfig: cluster.kubeconfig,
    access: cluster,
    api: cluster.api,
    port: cluster.port,
    replan: (plan) => cluster.replan(plan),
    async cut() {
      away ??= cut().finally(() => {
        away = undefined
      })
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await away
      await cluster[Symbol.asyncDispose]()
    },
  }
}
