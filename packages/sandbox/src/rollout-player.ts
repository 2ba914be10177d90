/**
 * Owns what is rolled out in the cluster that stands in.
 *
 * 1. Any scenario is played once at a time, whether the loop or a person started it.
 * 2. What the API server does not take is told and left out: a loop goes on for ever.
 */
import { sleep } from '@hermod/runtime'
import { type Deployment, isComplete, type KubeApi, KubeApiError } from '@hermod/testkit'
import { changeFor, manifestOf, namespaceManifest } from './played-deployment.ts'
import { type Act, type Scenario, type Service, type Step, scenarios, services } from './scenario.ts'

export interface PlayerOptions {
  readonly api: KubeApi
  readonly tell: (line: string) => void
  /** Images that the registry cannot give just now, whatever their tag says. */
  readonly unreachable: Set<string>
  /** Called whenever those are others. */
  readonly onRegistry: () => void
  readonly signal: AbortSignal
}

const betweenMs = 6_000
const lookEveryMs = 250
const longestMs = 90_000
const settleMs = 15_000
const quota = 'all-pods'

export class RolloutPlayer {
  readonly #options: PlayerOptions
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(options: PlayerOptions) {
    this.#options = options
  }

  /** Makes what is missing, and waits until it runs: what is there at the start is nobody's news. */
  async prepare(): Promise<void> {
    const { signal } = this.#options
    while (!signal.aborted) {
      try {
        for (const namespace of new Set(services.map((service) => service.namespace)))
          await this.#make('/api/v1/namespaces', namespaceManifest(namespace), 'helm')
        const made: Service[] = []
        for (const service of services) if (await this.#create(service)) made.push(service)
        return await this.#untilAll(made, 'live', settleMs)
      } catch {
        await sleep(500, signal)
      }
    }
  }

  /** Plays one after the other, for ever. */
  async loop(): Promise<void> {
    const { signal } = this.#options
    while (!signal.aborted) {
      for (const { id } of scenarios) {
        if (signal.aborted) return
        if (!this.#underWay.has(id)) await this.play(id)
        await sleep(betweenMs, signal)
      }
    }
  }

  /** Resolves at its end. Throws where it is being played already. */
  async play(id: string): Promise<void> {
    const scenario = scenarios.find((each) => each.id === id)
    if (!scenario) throw new Error(`there is no scenario ${id}`)
    if (this.#underWay.has(id)) throw new Error('it is being played just now')
    const playing = this.#playAll(scenario).finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, playing)
    await playing
  }

  /** When nothing is played any more; to be called when the signal was aborted. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values())
  }

  async #playAll({ steps }: Scenario): Promise<void> {
    for (const step of steps) {
      if (this.#options.signal.aborted) return
      const took = await Promise.all(step.on.map((service) => this.#perform(service, step.act)))
      this.#tellStep(step, took)
      await this.#wait(step)
    }
  }

  /** Returns what it was in words. */
  async #perform(service: Service, act: Act): Promise<string> {
    try {
      return await this.#ask(service, act)
    } catch (error) {
      return `left out, ${error instanceof Error ? error.message : String(error)}`
    }
  }

  async #ask(service: Service, act: Act): Promise<string> {
    const { api, unreachable, onRegistry } = this.#options
    const quotas = `/api/v1/namespaces/${service.namespace}/resourcequotas`
    switch (act.kind) {
      case 'create':
        await this.#create(service)
        return 'created'
      case 'delete':
        await api.delete(pathOf(service))
        return 'deleted'
      case 'set quota':
        await this.#make(
          quotas,
          { metadata: { name: quota }, spec: { hard: { pods: String(act.pods) } } },
          'helm',
        )
        return `no more than ${act.pods} pods in ${service.namespace} from now on`
      case 'lift quota':
        await api.delete(`${quotas}/${quota}`)
        return 'the quota is lifted'
      case 'mend registry':
        unreachable.clear()
        onRegistry()
        return 'the registry answers again'
      default: {
        const { metadata } = await api.get<Deployment>(pathOf(service))
        const change = changeFor(service, act, metadata.annotations, new Date())
        if (act.kind === 'roll out' && act.fate === 'outage' && change?.image) unreachable.add(change.image)
        const manager = managers[act.kind] ?? service.manager
        await api.patch(`${pathOf(service)}?fieldManager=${manager}`, change?.patch ?? {})
        return change?.words ?? ''
      }
    }
  }

  #tellStep({ on }: Step, words: readonly string[]): void {
    const [first] = on
    const others = on.length > 1 ? ` and ${on.length - 1} more` : ''
    this.#options.tell(`  → ${first?.namespace}/${first?.name}${others}: ${words[0]}`)
  }

  async #wait({ on, until }: Step): Promise<void> {
    const { signal } = this.#options
    if (typeof until === 'number') return sleep(until, signal)
    await this.#untilAll(on, until, longestMs)
  }

  async #untilAll(on: readonly Service[], wanted: 'live' | 'failed', withinMs: number): Promise<void> {
    const { signal } = this.#options
    const over = performance.now() + withinMs
    for (const service of on)
      while (!signal.aborted && performance.now() < over && !(await this.#is(service, wanted)))
        await sleep(lookEveryMs, signal)
  }

  async #is(service: Service, wanted: 'live' | 'failed'): Promise<boolean> {
    try {
      const deployment = await this.#options.api.get<Deployment>(pathOf(service))
      if (wanted === 'live') return isComplete(deployment)
      return (deployment.status.conditions ?? []).some(
        ({ type, status }) => type === 'Progressing' && status === 'False',
      )
    } catch {
      return false
    }
  }

  /** Returns whether it was not there. */
  async #create(service: Service): Promise<boolean> {
    return this.#make(
      `/apis/apps/v1/namespaces/${service.namespace}/deployments`,
      manifestOf(service),
      service.manager,
    )
  }

  async #make(path: string, object: object, manager: string): Promise<boolean> {
    try {
      await this.#options.api.create(`${path}?fieldManager=${manager}`, object)
      return true
    } catch (error) {
      if (!(error instanceof KubeApiError && error.code === 409)) throw error
      return false
    }
  }
}

// What people do by hand, whoever else applies the service.
const managers: Readonly<Partial<Record<Act['kind'], string>>> = {
  'roll back': 'kubectl-rollout',
  restart: 'kubectl-rollout',
  pause: 'kubectl-rollout',
  resume: 'kubectl-rollout',
  scale: 'kubectl-scale',
}

function pathOf({ namespace, name }: Service): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
}
