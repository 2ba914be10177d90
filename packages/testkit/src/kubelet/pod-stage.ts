/**
 * Owns what the cluster sees of one pod while it is played: binding, status, Events.
 *
 * 1. States are written one after the other, each one: a short one is not swallowed by the next.
 * 2. An API server that is away is waited for. A pod that is gone ends the play.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeApi } from '../kubernetes/kube-api.ts'
import { isGone, isTerminating } from '../kubernetes/kube-api-error.ts'
import type { Condition, ContainerStatus, Pod, PodStatus } from '../kubernetes/objects.ts'
import { untilWritten } from '../kubernetes/until-written.ts'
import type { KubeletPlan } from './plan.ts'
import { PodEvents, wholeSeconds } from './pod-events.ts'
import { describePod, type PodState } from './pod-status.ts'

export interface StageOptions {
  readonly api: KubeApi
  readonly pod: Pod
  readonly node: string
  /** How many times faster than on a real node back-offs pass. */
  readonly speed: number
  readonly plan: () => KubeletPlan
  /** Aborted when this play of the pod is over. */
  readonly over: AbortController
}

/** What one play of a pod leaves to the next. */
export interface PodRecord {
  state: PodState
  conditions: readonly Condition[]
  /** What the cluster has not been told yet. */
  unwritten?: PodStatus | undefined
  readonly events: PodEvents
}

export class PodStage {
  readonly pod: Pod
  readonly record: PodRecord
  readonly #options: StageOptions
  readonly #path: string
  #writes: Promise<void> = Promise.resolve()

  constructor(options: StageOptions, record?: PodRecord) {
    const { pod, api, node } = options
    this.pod = pod
    this.#options = options
    this.#path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`
    this.record = record ?? {
      state: stateOf(pod),
      conditions: pod.status.conditions ?? [],
      events: new PodEvents(api, pod, node),
    }
  }

  get plan(): KubeletPlan {
    return this.#options.plan()
  }

  status(container: string): ContainerStatus | undefined {
    return this.record.state.containers.get(container)
  }

  now(): string {
    return wholeSeconds(new Date())
  }

  /** Waits, for ever when no time is given; throws when the play is over. */
  async pause(ms: number = longest): Promise<void> {
    await delay(ms, undefined, { signal: this.#options.over.signal, ref: false })
  }

  /** A back-off of so many seconds on a real node. */
  async backOff(seconds: number): Promise<void> {
    await this.pause((seconds * 1000) / this.#options.speed)
  }

  async bind(): Promise<void> {
    const target = { apiVersion: 'v1', kind: 'Node', name: this.#options.node }
    await this.#write((api) =>
      api.create(`${this.#path}/binding`, { metadata: { name: this.pod.metadata.name }, target }),
    )
  }

  async setContainer(status: ContainerStatus): Promise<void> {
    await this.setState({ containers: new Map([...this.record.state.containers, [status.name, status]]) })
  }

  async setState(change: Partial<PodState>): Promise<void> {
    this.record.state = { ...this.record.state, ...change }
    const status = describePod(this.pod, this.record.state, this.record.conditions, this.now())
    this.record.conditions = status.conditions ?? []
    this.record.unwritten = status
    await this.#write((api) => api.patch(`${this.#path}/status`, { status }))
    if (this.record.unwritten === status) this.record.unwritten = undefined
  }

  async warn(reason: string, message: string, container?: string): Promise<void> {
    await this.#say((events) => events.sayAsKubelet({ type: 'Warning', reason, message, container }))
  }

  async note(reason: string, message: string, container?: string): Promise<void> {
    await this.#say((events) => events.sayAsKubelet({ type: 'Normal', reason, message, container }))
  }

  async warnAsScheduler(reason: string, message: string): Promise<void> {
    await this.#say((events) => events.sayAsScheduler({ type: 'Warning', reason, message }))
  }

  async #say(say: (events: PodEvents) => Promise<void>): Promise<void> {
    try {
      await this.#write(() => say(this.record.events))
    } catch (error) {
      if (!isTerminating(error)) throw error
    }
  }

  #write(write: (api: KubeApi) => Promise<unknown>): Promise<void> {
    const after = this.#writes.then(() => this.#untilWritten(write))
    this.#writes = after.catch(() => undefined)
    return after
  }

  async #untilWritten(write: (api: KubeApi) => Promise<unknown>): Promise<void> {
    const { api, over } = this.#options
    try {
      await untilWritten(() => write(api), over.signal)
    } catch (error) {
      if (!isGone(error)) throw error
      over.abort()
      over.signal.throwIfAborted()
    }
  }
}

const longest = 2 ** 31 - 1

function stateOf({ status }: Pod): PodState {
  const known = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  return {
    sandbox: known.length > 0,
    containers: new Map(known.map((container) => [container.name, container])),
  }
}
