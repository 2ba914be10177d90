/** The same things done to the model and to a real control plane: what the contract tests compare. */
import {
  type KubeAccess,
  type KubeApi,
  type KubeletPlan,
  makeTempFolder,
  type Pod,
  startControlPlane,
  startKubelet,
} from '@hermod/testkit'
import type { ReplicaSet } from '../model/objects.ts'
import { revisionAnnotation } from '../model/replica-set-annotations.ts'
import { startSandboxCluster } from '../sandbox-cluster.ts'

export interface Side {
  readonly name: 'model' | 'real'
  readonly access: KubeAccess
  readonly api: KubeApi
  /** Its API is away for a moment, and remembers less when it is back. */
  restart(): Promise<void>
}

export interface ClusterPair extends AsyncDisposable {
  readonly model: Side & {
    /** In this namespace the notes of the ReplicaSets made at these revisions are missed. */
    missNotes(namespace: string, revisions: readonly string[]): void
  }
  readonly real: Side
}

/** The pods of an image fare as the end of its tag says. */
function planByImage({ spec }: Pick<Pod, 'spec'>): KubeletPlan {
  const image = spec.containers[0]?.image ?? ''
  if (image.endsWith('-unready')) return { outcome: 'never-ready' }
  if (image.endsWith('-missing')) return { outcome: 'image-pull-fails' }
  if (image.endsWith('-crash')) return { outcome: 'crashes', exitCode: 3 }
  if (image.endsWith('-hungry')) return { outcome: 'crashes', reason: 'OOMKilled' }
  if (image.endsWith('-config')) return { outcome: 'config-error' }
  if (image.endsWith('-nowhere')) return { outcome: 'unschedulable' }
  if (image.endsWith('-unmounted')) return { outcome: 'mount-fails' }
  return { outcome: 'ready', readyAfterMs: image.endsWith('-slow') ? 1_500 : 200 }
}

// Long enough that a Deployment which is recreated is seen without any pod.
const terminationMs = 150

export async function startClusterPair(): Promise<ClusterPair> {
  await using parts = new AsyncDisposableStack()
  const { path } = parts.use(await makeTempFolder('sandbox-cluster'))
  const missed = new Map<string, readonly string[]>()
  const missesNote = ({ metadata }: ReplicaSet): boolean =>
    missed.get(metadata.namespace ?? '')?.includes(metadata.annotations?.[revisionAnnotation] ?? '') ?? false
  const model = parts.use(
    await startSandboxCluster({ folder: path, plan: planByImage, terminationMs, missesNote }),
  )
  const real = parts.use(await startControlPlane())
  parts.use(await startKubelet(real, { plan: planByImage, terminationMs }))
  const started = parts.move()
  return {
    model: {
      name: 'model',
      access: model,
      api: model.api,
      restart: () => model.cut().then(() => model.connect()),
      missNotes: (namespace, revisions) => void missed.set(namespace, revisions),
    },
    real: { name: 'real', access: real, api: real.api, restart: () => real.apiServer.restart() },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
