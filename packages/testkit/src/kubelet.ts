/**
 * Owns the part of a scheduler and of every kubelet in a cluster that has neither: each pod is bound, run and ended as
 * its plan says, with the statuses, conditions and Events that real ones write.
 *
 * 1. One play at a time for each pod; a pod that was played before is taken over as it stands.
 * 2. A pod with a deletionTimestamp is played no longer, and soon removed.
 * 3. Events tell of failures alone: those of pods that do well would be most of the cluster's load, and say nothing.
 * 4. It survives the API server's restarts. What the API server refuses is thrown at dispose: no test passes over it.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { followPods } from './kubelet/follow-pods.ts'
import type { KubeletPlan } from './kubelet/plan.ts'
import { playPod } from './kubelet/play-pod.ts'
import { PodStage } from './kubelet/pod-stage.ts'
import { type KubeAccess, KubeApi } from './kubernetes/kube-api.ts'
import { isGone } from './kubernetes/kube-api-error.ts'
import type { Pod } from './kubernetes/objects.ts'
import { untilWritten } from './kubernetes/until-written.ts'

export type PlanPod = (pod: Pod) => KubeletPlan

export interface KubeletOptions {
  /** What becomes of each pod; ready after 30 ms by default. */
  readonly plan?: PlanPod
  /** How many times faster than on real nodes (10 s, 20 s … 5 min) back-offs pass; 50 by default. */
  readonly speed?: number
  /** From a pod's deletionTimestamp to its end; 0 by default. */
  readonly terminationMs?: number
}

const node = 'testkit-node'

export interface Kubelet extends AsyncDisposable {
  /** Plays each pod anew whose plan is another now than when its play began: one that runs may break or recover. */
  replan(plan?: PlanPod): void
}

/** Resolves when it has seen all pods there are; throws when the API server does not answer, or refuses. */
export async function startKubelet(cluster: KubeAccess, options: KubeletOptions = {}): Promise<Kubelet> {
  {
    await using api = new KubeApi(cluster)
    await api.list('/api/v1/pods?limit=1')
  }
  const nodes = new Nodes(cluster, options)
  await nodes.listed
  return nodes
}

interface Play {
  readonly stage: PodStage
  readonly plan: KubeletPlan
  readonly over: AbortController
  readonly ended: Promise<void>
}

class Nodes implements Kubelet {
  readonly listed: Promise<void>
  readonly #api: KubeApi
  readonly #speed: number
  readonly #terminationMs: number
  #planPod: PlanPod
  readonly #over = new AbortController()
  readonly #following: Promise<void>
  readonly #plays = new Map<string, Play>()
  readonly #endings = new Map<string, Promise<void>>()
  readonly #refusals: unknown[] = []

  constructor(cluster: KubeAccess, { plan, speed = 50, terminationMs = 0 }: KubeletOptions) {
    this.#api = new KubeApi(cluster)
    this.#speed = speed
    this.#terminationMs = terminationMs
    this.#planPod = plan ?? (() => ({ outcome: 'ready' }))
    const { promise, resolve } = Promise.withResolvers<void>()
    this.listed = promise
    this.#following = this.#follow(resolve)
  }

  replan(plan: PlanPod = this.#planPod): void {
    this.#planPod = plan
    for (const { stage, plan: playing } of this.#plays.values()) {
      if (!isDeepStrictEqual(plan(stage.pod), playing)) this.#play(stage.pod)
    }
  }

  async #follow(listed: () => void): Promise<void> {
    for await (const news of followPods(this.#api, this.#over.signal)) {
      if (news.kind === 'listed') listed()
      else if (news.kind === 'gone') await this.#forget(news.uid)
      else if (news.pod.metadata.deletionTimestamp !== undefined) this.#end(news.pod)
      else if (!this.#plays.has(news.pod.metadata.uid)) this.#play(news.pod)
    }
  }

  #play(pod: Pod): void {
    const { uid } = pod.metadata
    const before = this.#plays.get(uid)
    before?.over.abort()
    const over = new AbortController()
    const plan = (): KubeletPlan => this.#planPod(pod)
    const options = { api: this.#api, pod, node, speed: this.#speed, plan, over }
    const stage = new PodStage(options, before?.stage.record)
    const ended = (before?.ended ?? Promise.resolve()).then(() => playPod(stage)).catch(this.#note)
    this.#plays.set(uid, { stage, plan: plan(), over, ended })
  }

  #end(pod: Pod): void {
    const { uid, name, namespace } = pod.metadata
    this.#plays.get(uid)?.over.abort()
    if (this.#endings.has(uid)) return
    const remove = async (): Promise<void> => {
      await delay(this.#terminationMs, undefined, { signal: this.#over.signal })
      const path = `/api/v1/namespaces/${namespace}/pods/${name}`
      const now = { gracePeriodSeconds: 0, preconditions: { uid } }
      await untilWritten(() => this.#api.delete(path, now), this.#over.signal)
    }
    this.#endings.set(uid, remove().catch(this.#note))
  }

  async #forget(uid: string): Promise<void> {
    const play = this.#plays.get(uid)
    play?.over.abort()
    await play?.ended
    this.#plays.delete(uid)
    this.#endings.delete(uid)
  }

  readonly #note = (error: unknown): void => {
    const expected = isGone(error) || (error instanceof Error && error.name === 'AbortError')
    if (!expected) this.#refusals.push(error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    for (const { over } of this.#plays.values()) over.abort()
    await this.#api[Symbol.asyncDispose]()
    await this.#following
    await Promise.all([...this.#plays.values()].map(({ ended }) => ended))
    await Promise.all(this.#endings.values())
    if (this.#refusals.length > 0)
      throw new AggregateError(this.#refusals, 'the API server refused what the kubelet wrote')
  }
}
