/**
 * Owns the cluster that stands in when no kubeconfig is given: a real control plane, nodes that are played, and
 * somebody who rolls things out.
 *
 * 1. Its data outlive the sandbox: the next start goes on with the same Deployments.
 * 2. A part that dies is started again.
 */
import { sleep } from '@hermod/runtime'
import {
  type Component,
  type ControlPlane,
  type KubeAccess,
  type KubeletPlan,
  type Pod,
  startControlPlane,
  startKubelet,
} from '@hermod/testkit'
import { playRollouts } from './rollout-player.ts'
import type { RunFile } from './run-file.ts'
import { type Fate, fateOf } from './scenario.ts'

export interface ClusterStandIn extends AsyncDisposable {
  readonly kubeconfig: string
  /** As an admin. */
  readonly access: KubeAccess
  /** Kills its API server, which is then started again. */
  cut(): Promise<void>
  /** Begins to roll things out, until disposed. */
  play(tell: (line: string) => void): void
}

const lookEveryMs = 500

const plans: Readonly<Record<Fate, KubeletPlan>> = {
  works: { outcome: 'ready', pullMs: 1_500, readyAfterMs: 1_000 },
  badimage: { outcome: 'image-pull-fails', pullMs: 500 },
  crash: { outcome: 'crashes', exitCode: 137, reason: 'OOMKilled' },
}

export async function startClusterStandIn(folder: string, run: RunFile): Promise<ClusterStandIn> {
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await startControlPlane({ dataDir: folder }))
  const plan = ({ spec }: Pod): KubeletPlan => plans[fateOf(spec.containers[0]?.image ?? '')]
  // Back-offs pass a little faster than on real nodes: long enough to read, too short to be bored.
  const kubelet = await startKubelet(cluster, { plan, speed: 5, terminationMs: 500 })
  // It tells at its end what the API server refused: a test's business, not that of whoever presses Ctrl-C.
  stack.defer(() => kubelet[Symbol.asyncDispose]().then(undefined, () => undefined))
  const stopping = new AbortController()
  const work = [keepRunning(cluster, run, stopping.signal)]
  stack.defer(async () => void (await Promise.all(work)))
  stack.defer(() => stopping.abort())
  const started = stack.move()
  return {
    kubeconfig: cluster.kubeconfig,
    access: cluster,
    cut: () => cluster.apiServer.kill(),
    play: (tell) => void work.push(playRollouts(cluster.api, tell, stopping.signal)),
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
