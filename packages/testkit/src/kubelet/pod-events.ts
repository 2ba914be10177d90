/**
 * Owns the Events about one pod. One that is said again is counted up in place, as client-go's recorder does:
 * watchers see a MODIFIED with a higher count, not another Event.
 */
import { randomBytes } from 'node:crypto'
import type { KubeApi } from '../kubernetes/kube-api.ts'
import type { Pod } from '../kubernetes/objects.ts'

export interface PodEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** Said of one container; of the pod by default. */
  readonly container?: string | undefined
}

interface Said {
  readonly path: string
  count: number
}

export class PodEvents {
  readonly #api: KubeApi
  readonly #pod: Pod
  readonly #node: string
  readonly #said = new Map<string, Said>()

  constructor(api: KubeApi, pod: Pod, node: string) {
    this.#api = api
    this.#pod = pod
    this.#node = node
  }

  async sayAsKubelet(event: PodEvent): Promise<void> {
    const now = wholeSeconds(new Date())
    const said = this.#said.get(keyOf(event))
    if (said) {
      said.count++
      await this.#api.patch(said.path, { count: said.count, lastTimestamp: now })
      return
    }
    await this.#create(event, {
      source: { component: 'kubelet', host: this.#node },
      reportingComponent: 'kubelet',
      reportingInstance: this.#node,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    })
  }

  /** The scheduler speaks the newer dialect: eventTime and action, no count. */
  async sayAsScheduler(event: PodEvent): Promise<void> {
    if (this.#said.has(keyOf(event))) return
    await this.#create(event, {
      eventTime: new Date().toISOString().replace('Z', '000Z'),
      action: 'Scheduling',
      reportingComponent: 'default-scheduler',
      reportingInstance: 'default-scheduler-testkit',
    })
  }

  async #create(event: PodEvent, more: Readonly<Record<string, unknown>>): Promise<void> {
    const { name, namespace, uid, resourceVersion } = this.#pod.metadata
    const { type, reason, message, container } = event
    const path = `/api/v1/namespaces/${namespace}/events`
    const own = `${name}.${randomBytes(8).toString('hex')}`
    this.#said.set(keyOf(event), { path: `${path}/${own}`, count: 1 })
    const kind = this.#pod.spec.initContainers?.some((init) => init.name === container)
      ? 'initContainers'
      : 'containers'
    const fieldPath = container === undefined ? {} : { fieldPath: `spec.${kind}{${container}}` }
    await this.#api.create(path, {
      metadata: { name: own, namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid, resourceVersion, ...fieldPath },
      type,
      reason,
      message,
      ...more,
    })
  }
}

function keyOf({ type, reason, message, container }: PodEvent): string {
  return JSON.stringify([type, reason, message, container])
}

/** Kubernetes tells these times to the second. */
export function wholeSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
