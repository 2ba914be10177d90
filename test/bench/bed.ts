/**
 * Owns the cluster that everything is measured on, its Deployments, and its history as the API server's own watch
 * tells it.
 *
 * 1. Every rollout has a tag that no other has.
 * 2. All times are ms since 1970 of this machine.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import {
  type ControlPlane,
  type Deployment,
  type DeploymentKey,
  eventually,
  isComplete,
  type KubeAccess,
  startControlPlane,
  startKubelet,
} from '@hermod/testkit'
import type { DeploymentEvent } from '../oracle/api-history.ts'
import { imageOf, Operator, planByTag } from '../pipeline/played-deployments.ts'
import type { Seen } from './history-worker.ts'
import { inParallel } from './in-parallel.ts'

export interface Rollout extends DeploymentKey {
  readonly tag: string
  readonly sentAt: number
  readonly answeredAt: number
}

export interface Bed extends AsyncDisposable {
  readonly controlPlane: ControlPlane
  /** Each has a channel of its own, of the same name. */
  readonly namespaces: readonly string[]
  readonly history: readonly DeploymentEvent[]
  /** So many Deployments spread over the namespaces, made and rolled out if they are not there yet. */
  deployments(count: number, replicas?: number): Promise<readonly DeploymentKey[]>
  /** `kind` is what the kubelet makes of it: `badimage`, `crash`, `slow`, or nothing of these. */
  rollOut(key: DeploymentKey, kind?: string, deadlineSeconds?: number): Promise<Rollout>
  untilComplete(keys: readonly DeploymentKey[]): Promise<void>
  delete(keys: readonly DeploymentKey[]): Promise<void>
}

export function now(): number {
  return performance.timeOrigin + performance.now()
}

export async function startBed(namespaceCount: number): Promise<Bed> {
  await using stack = new AsyncDisposableStack()
  const controlPlane = stack.use(await startControlPlane())
  // Back-offs as long as on real nodes: when a bad word comes depends on them.
  stack.use(await startKubelet(controlPlane, { plan: planByTag, speed: 1 }))
  const { api } = controlPlane
  const operator = new Operator(api)
  const namespaces = Array.from({ length: namespaceCount }, (_, index) => `team-${index}`)
  for (const name of namespaces) await operator.createNamespace(name, name)
  const history: DeploymentEvent[] = []
  const latest = new Map<string, Deployment>()
  const { url, ca, token } = controlPlane
  const watching = new Worker(new URL('history-worker.ts', import.meta.url), {
    workerData: { url, ca, token } satisfies KubeAccess,
  })
  stack.defer(async () => void (await watching.terminate()))
  watching.on('message', ({ type, object, atMs }: Seen) => {
    latest.set(nameOf({ namespace: '', ...object.metadata }), object)
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED')
      history.push({ type, atMs, object: shortened(object) })
  })
  const made = new Map<number, readonly DeploymentKey[]>()
  let [tags, names] = [0, 0]

  const untilComplete = async (keys: readonly DeploymentKey[]): Promise<void> => {
    const open = (): readonly DeploymentKey[] =>
      keys.filter((key) => {
        const seen = latest.get(nameOf(key))
        return seen === undefined || !isComplete(seen)
      })
    // So long as one after the other comes to its end, it is only slow.
    for (let left = open().length; left > 0; left = open().length)
      await eventually(
        () => {
          const [first, ...others] = open()
          if (first === undefined || others.length + 1 < left) return
          throw new Error(`${left} are not complete: ${JSON.stringify(latest.get(nameOf(first))?.status)}`)
        },
        { timeoutMs: 120_000, everyMs: 100 },
      )
  }
  const started = stack.move()
  return {
    controlPlane,
    namespaces,
    history,
    untilComplete,
    async deployments(count, replicas = 1) {
      const known = made.get(replicas) ?? []
      const missing = Array.from({ length: Math.max(0, count - known.length) }, (_, index) => ({
        namespace: namespaces[(known.length + index) % namespaces.length] ?? '',
        name: `app-${++names}`,
      }))
      await inParallel(missing, 16, (key) => operator.create({ ...key, replicas }))
      const all = [...known, ...missing]
      made.set(replicas, all)
      await untilComplete(all)
      return all.slice(0, count)
    },
    async rollOut({ namespace, name }, kind = 't', deadlineSeconds) {
      const tag = `${kind}${++tags}`
      const sentAt = now()
      const template = { spec: { containers: [{ name: 'app', image: imageOf(name, tag) }] } }
      const deadline = deadlineSeconds === undefined ? {} : { progressDeadlineSeconds: deadlineSeconds }
      await operator.patch(namespace, name, { spec: { template, ...deadline } })
      return { namespace, name, tag, sentAt, answeredAt: now() }
    },
    async delete(keys) {
      await inParallel(keys, 16, ({ namespace, name }) =>
        api.delete(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, {
          propagationPolicy: 'Background',
        }),
      )
      for (const [replicas, known] of made)
        made.set(
          replicas,
          known.filter((key) => !keys.some((gone) => nameOf(gone) === nameOf(key))),
        )
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** Runs `start` so many times a second over all items, whether or not the ones before are done. */
export async function atRate<T, R>(
  items: readonly T[],
  perSecond: number,
  start: (item: T) => Promise<R>,
): Promise<R[]> {
  const from = performance.now()
  const running: Promise<R>[] = []
  for (const [at, item] of items.entries()) {
    await delay(Math.max(0, from + (at * 1_000) / perSecond - performance.now()))
    running.push(start(item))
  }
  return await Promise.all(running)
}

function nameOf(key: DeploymentKey | undefined): string {
  return `${key?.namespace}/${key?.name}`
}

/** Thousands are kept: only what the oracle reads. */
function shortened({ metadata, spec, status }: Deployment): DeploymentEvent['object'] {
  const { namespace = '', name, uid, generation, deletionTimestamp } = metadata
  return {
    metadata: {
      namespace,
      name,
      uid,
      ...(generation !== undefined && { generation }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    },
    spec,
    status,
  }
}
