/**
 * Owns the cluster that stands in when no kubeconfig is given, and somebody who rolls things out there.
 */
import type { KubeAccess, KubeApi, KubeletPlan, Pod } from '@hermod/testkit'
import { startModelCluster } from './model-cluster.ts'
import { startRealCluster } from './real-cluster.ts'
import { playRollouts } from './rollout-player.ts'
import type { RunFile } from './run-file.ts'
import type { SandboxConfig } from './sandbox-settings.ts'
import { type Fate, fateOf } from './scenario.ts'

/** How pods fare. */
export interface Nodes {
  readonly plan: (pod: Pod) => KubeletPlan
  readonly speed: number
  readonly terminationMs: number
}

export interface RunningCluster extends AsyncDisposable {
  readonly kubeconfig: string
  /** As an admin. */
  readonly access: KubeAccess
  readonly api: KubeApi
  /** Takes its API server away, which comes back by itself. */
  cut(): Promise<void>
}

export interface ClusterStandIn extends Omit<RunningCluster, 'api'> {
  /** Begins to roll things out, until disposed. */
  play(tell: (line: string) => void): void
}

const plans: Readonly<Record<Fate, KubeletPlan>> = {
  works: { outcome: 'ready', pullMs: 1_500, readyAfterMs: 1_000 },
  badimage: { outcome: 'image-pull-fails', pullMs: 500 },
  crash: { outcome: 'crashes', exitCode: 137, reason: 'OOMKilled' },
}

// Back-offs pass a little faster than on real nodes: long enough to read, too short to be bored.
const nodes: Nodes = {
  plan: ({ spec }) => plans[fateOf(spec.containers[0]?.image ?? '')],
  speed: 5,
  terminationMs: 500,
}

export async function startClusterStandIn(
  kind: SandboxConfig['cluster'],
  folder: string,
  run: RunFile,
): Promise<ClusterStandIn> {
  const start = { model: startModelCluster, real: startRealCluster }[kind]
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await start(`${folder}-${kind}`, run, nodes))
  const stopping = new AbortController()
  let playing = Promise.resolve()
  stack.defer(() => playing)
  stack.defer(() => stopping.abort())
  const started = stack.move()
  return {
    kubeconfig: cluster.kubeconfig,
    access: cluster.access,
    cut: () => cluster.cut(),
    play: (tell) => {
      playing = playRollouts(cluster.api, tell, stopping.signal)
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
