import { type Deployment, type KubeApi, type KubeletPlan, type Pod } from '@hermod/testkit'

export interface NewDeployment {
  readonly namespace: string
  readonly name: string
  readonly tag?: string
  readonly replicas?: number
  readonly progressDeadlineSeconds?: number
  readonly env?: readonly { readonly name: string; readonly value: string }[]
}

/**
 * What a node makes of a pod, by its image's tag: `badimage…` is not in the registry, `crash…` ends at its start,
 * `slow…` takes half a second to come.
 */
export function planByTag({ spec }: Pod): KubeletPlan {
  const tag = spec.containers[0]?.image.split(':').at(-1) ?? ''
  if (tag.startsWith('badimage')) return { outcome: 'image-pull-fails' }
  if (tag.startsWith('crash')) return { outcome: 'crashes' }
  return { outcome: 'ready', ...(tag.startsWith('slow') && { pullMs: 500 }) }
}

/** Somebody with kubectl. */
export class Operator {
  readonly #api: KubeApi

  constructor(api: KubeApi) {
    this.#api = api
  }

  async createNamespace(name: string, channel: string): Promise<void> {
    await this.#api.create('/api/v1/namespaces', {
      metadata: { name, annotations: { 'hermod.uswitch.com/slack': channel } },
    })
  }

  async create({
    namespace,
    name,
    tag = '1',
    replicas = 1,
    progressDeadlineSeconds = 600,
    env = [],
  }: NewDeployment): Promise<void> {
    const labels = { app: name }
    await this.#api.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
      metadata: { name, namespace },
      spec: {
        replicas,
        progressDeadlineSeconds,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'app', image: imageOf(name, tag), env }] },
        },
      },
    })
  }

  patch(namespace: string, name: string, patch: object): Promise<Deployment> {
    return this.#api.patch<Deployment>(pathOf(namespace, name), patch)
  }

  /** `spec` is changed with it. */
  setTag(namespace: string, name: string, tag: string, spec: object = {}): Promise<Deployment> {
    const containers = [{ name: 'app', image: imageOf(name, tag) }]
    const patch = { spec: { ...spec, template: { spec: { containers } } } }
    // What else the container has stays.
    return this.#api.patch<Deployment>(pathOf(namespace, name), patch, 'strategic')
  }

  async uidOf(namespace: string, name: string): Promise<string> {
    return (await this.#api.get<Deployment>(pathOf(namespace, name))).metadata.uid
  }

  /** Throws while the Deployment is not rolled out, by kubectl's rule. */
  async checkComplete(namespace: string, name: string): Promise<void> {
    const { metadata, spec, status } = await this.#api.get<Deployment>(pathOf(namespace, name))
    const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status
    const complete =
      observedGeneration >= (metadata.generation ?? 0) &&
      updatedReplicas === spec.replicas &&
      replicas === updatedReplicas &&
      availableReplicas === spec.replicas
    if (!complete) throw new Error(`${namespace}/${name} is not complete: ${JSON.stringify(status)}`)
  }
}

export function imageOf(name: string, tag: string): string {
  return `registry.example/${name}:${tag}`
}

function pathOf(namespace: string, name: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
}
