/**
 * Owns the real control plane that stands in when it is asked for: its nodes alone are played.
 *
 * 1. Its data outlive the sandbox: the next start goes on with the same Deployments.
 * 2. A part that dies is started again.
 */
import { sleep } from '@hermod/runtime'
import { type Component, type ControlPlane, startControlPlane, startKubelet } from '@hermod/testkit'
import { type Nodes, type RunningCluster } from './cluster-stand-in.ts'
import type { RunFile } from './run-file.ts'

const lookEveryMs = 500

/** Builds the control plane first where nobody has it yet: minutes, told on stderr. */
export async function startRealCluster(folder: string, run: RunFile, nodes: Nodes): Promise<RunningCluster> {
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await startControlPlane({ dataDir: folder }))
  const kubelet = await startKubelet(cluster, nodes)
  // It tells at its end what the API server refused: a test's business, not that of whoever presses Ctrl-C.
  stack.defer(() => kubelet[Symbol.asyncDispose]().then(undefined, () => undefined))
  const stopping = new AbortController()
  const kept = keepRunning(cluster, run, stopping.signal)
  stack.defer(() => kept)
  stack.defer(() => stopping.abort())
  const started = stack.move()
  return {
    kubeconfig: cluster.kubeconfig,
    access: cluster,
    api: cluster.api,
    replan: (plan) => kubelet.replan(plan),
    cut: () => cluster.apiServer.kill(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

async function keepRunning(cluster: ControlPlane, run: RunFile, signal: AbortSignal): Promise<void> {
  const parts: Readonly<Record<string, Component>> = {
    etcd: cluster.etcd,
    'kube-apiserver': cluster.apiServer,
    'kube-controller-manager': cluster.controllerManager,
  }
  const starts = new Map<string, number>()
  const tell = (name: string, { pid }: Component): void => {
    starts.set(name, (starts.get(name) ?? 0) + 1)
    const ports = name === 'kube-apiserver' ? { https: cluster.port } : {}
    run.set(name, { pid, state: 'running', starts: starts.get(name) ?? 0, ports })
  }
  for (const [name, part] of Object.entries(parts)) tell(name, part)
  while (!signal.aborted) {
    for (const [name, part] of Object.entries(parts)) {
      if (part.running) continue
      run.set(name, { pid: undefined, state: 'starting again' })
      // It says in its log why it does not come up; the next look tries again.
      await part.restart().then(
        () => tell(name, part),
        () => undefined,
      )
    }
    await sleep(lookEveryMs, signal)
  }
}
