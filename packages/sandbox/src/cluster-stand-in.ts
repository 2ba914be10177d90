/**
 * Owns the cluster that stands in when no kubeconfig is given, and somebody who rolls things out there.
 */
import type { KubeAccess, KubeApi, KubeletPlan, Pod } from '@hermod/testkit'
import { fateOf } from './played-deployment.ts'
import { RolloutPlayer } from './rollout-player.ts'
import { type Fate } from './scenario.ts'

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
  /** Pods have other plans from now on, those that run too. */
  replan(plan: (pod: Pod) => KubeletPlan): void
  /** Takes its API server away, which comes back by itself. */
  cut(): Promise<void>
}

export interface ClusterStandIn
  extends Pick<RunningCluster, 'kubeconfig' | 'access' | 'cut'>,
    AsyncDisposable {
  /** Plays one scenario of scenario.ts, to its end. Throws where it is being played already. */
  play(id: string): Promise<void>
  /** Plays one after the other, until disposed. */
  loop(): void
}

const plans: Readonly<Record<Fate, KubeletPlan>> = {
  works: { outcome: 'ready', pullMs: 1_500, readyAfterMs: 1_000 },
  slow: { outcome: 'ready', pullMs: 2_500, readyAfterMs: 5_000 },
  badimage: { outcome: 'image-pull-fails', pullMs: 500 },
  crash: { outcome: 'crashes', exitCode: 1 },
  hungry: { outcome: 'crashes', exitCode: 137, reason: 'OOMKilled' },
  unready: { outcome: 'never-ready' },
  badconfig: { outcome: 'config-error', message: 'secret "database-password" not found' },
  outage: {
    outcome: 'image-pull-fails',
    pullMs: 500,
    message:
      'failed to resolve reference: unexpected status from HEAD request to registry.example: 503 Service Unavailable',
  },
}

/** Starts a cluster and fills it; `tell` is given each thing that is then done there. */
export async function startClusterStandIn(
  start: (nodes: Nodes) => Promise<RunningCluster>,
  tell: (line: string) => void,
): Promise<ClusterStandIn> {
  await using stack = new AsyncDisposableStack()
  const unreachable = new Set<string>()
  const plan = ({ spec }: Pod): KubeletPlan => {
    const image = spec.containers[0]?.image ?? ''
    return plans[unreachable.has(image) ? 'outage' : fateOf(image)]
  }
  // Back-offs pass a little faster than on real nodes: long enough to read, too short to be bored.
  const cluster = stack.use(await start({ plan, speed: 5, terminationMs: 500 }))
  const stopping = new AbortController()
  const { signal } = stopping
  const onRegistry = (): void => cluster.replan(plan)
  const player = new RolloutPlayer({ api: cluster.api, tell, unreachable, onRegistry, signal })
  let looping = Promise.resolve()
  stack.defer(async () => {
    stopping.abort()
    await Promise.all([player.settled(), looping])
  })
  await player.prepare()
  const started = stack.move()
  return {
    kubeconfig: cluster.kubeconfig,
    access: cluster.access,
    cut: () => cluster.cut(),
    play: (id) => player.play(id),
    loop: () => {
      looping = player.loop()
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
