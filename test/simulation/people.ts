/** Does to a cluster what people do. What is refused, because the thing is gone or there already, is no step. */
import type { Action } from '../../packages/sandbox/src/cluster/model/actions.ts'
import { Refusal } from '../../packages/sandbox/src/cluster/model/refusal.ts'
import type { Deed } from './plan.ts'
import { asProcess } from './virtual-time.ts'
import type { World } from './world.ts'

/** A value of env that nobody is to read anywhere. */
export const canary = 'canary-7f3a9c'

export class People {
  readonly #world: World
  readonly #tags = new Map<string, string[]>()
  #writes = 0

  constructor(world: World) {
    this.#world = world
  }

  settle(namespaces: readonly string[], deployments: readonly string[]): void {
    for (const name of namespaces) {
      const annotations = { 'hermod.uswitch.com/slack': name }
      this.#do({ kind: 'create', object: { kind: 'Namespace', metadata: { name, annotations } } })
    }
    for (const target of deployments) this.#create(target, '1-ok')
  }

  act(deed: Deed): void {
    if (!('target' in deed)) return
    const { target } = deed
    const tags = this.#tags.get(target) ?? []
    switch (deed.kind) {
      case 'create':
        return this.#create(target, deed.tag)
      case 'image':
        this.#image(target, deed.tag)
        return
      case 'back':
        this.#image(target, tags.at(-2) ?? tags.at(-1) ?? '1-ok')
        return
      case 'config':
        this.#patch(target, {
          spec: {
            template: {
              spec: { containers: [{ name: 'app', env: [{ name: 'SIZE', value: this.#next() }] }] },
            },
          },
        })
        return
      case 'restart':
        this.#patch(target, {
          spec: {
            template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': this.#next() } } },
          },
        })
        return
      case 'annotate':
        this.#patch(target, { metadata: { annotations: { note: this.#next() } } })
        return
      case 'pause':
        this.#patch(target, { spec: { paused: true } })
        return
      case 'resume':
        this.#patch(target, { spec: { paused: false } })
        return
      case 'scale':
        this.#patch(target, { spec: { replicas: deed.replicas } })
        return
      case 'heal':
        return this.#world.heal(tags.at(-1) ?? '')
      case 'delete': {
        const [namespace = '', name = ''] = target.split('/')
        this.#do({ kind: 'delete', ref: { kind: 'Deployment', namespace, name }, propagation: 'Background' })
      }
    }
  }

  /** Nothing stays paused for ever. */
  resumeAll(targets: readonly string[]): void {
    for (const target of targets) this.#patch(target, { spec: { paused: false } })
  }

  #next(): string {
    return String(++this.#writes)
  }

  #create(target: string, tag: string): void {
    const [namespace = '', name = ''] = target.split('/')
    const labels = { app: name }
    const env = [{ name: 'PASSWORD', value: canary }]
    const container = { name: 'app', image: `registry.example/${name}:${tag}`, env }
    const object = {
      kind: 'Deployment' as const,
      metadata: { name, namespace },
      spec: {
        replicas: 2,
        progressDeadlineSeconds: 20,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    }
    if (this.#do({ kind: 'create', object })) this.#tags.set(target, [tag])
  }

  #image(target: string, tag: string): void {
    const [, name = ''] = target.split('/')
    const container = { name: 'app', image: `registry.example/${name}:${tag}` }
    if (this.#patch(target, { spec: { template: { spec: { containers: [container] } } } }))
      this.#tags.set(target, [...(this.#tags.get(target) ?? []), tag])
  }

  #patch(target: string, patch: object): boolean {
    const [namespace = '', name = ''] = target.split('/')
    return this.#do({
      kind: 'patch',
      ref: { kind: 'Deployment', namespace, name },
      patchKind: 'strategic',
      patch,
    })
  }

  #do(action: Action): boolean {
    try {
      asProcess(undefined, () => this.#world.api.cluster.do(action))
      return true
    } catch (error) {
      if (error instanceof Refusal) return false
      throw error
    }
  }
}
