/**
 * Owns a load on a cluster: as many rollouts under way as it was asked for, at every moment.
 *
 * 1. A Deployment is rolled out again only when its last end was told: what is lost stays visible to the oracle.
 *    The exception are those that are overtaken on purpose.
 * 2. How many are under way is counted in the cluster, whatever Hermod knows of them.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Deployment, isGone, type RecordedEvent, type SlackMessage } from '@hermod/testkit'
import { isAbout, readSlackLog, type Word } from '../oracle/slack-log.ts'
import type { Operator } from '../pipeline/played-deployments.ts'
import type { Random } from '../simulation/random.ts'
import { drawRollout, type PlayedRollout } from './played-rollouts.ts'

export interface LoadOptions {
  readonly operator: Operator
  readonly random: Random
  readonly targets: readonly { readonly namespace: string; readonly name: string }[]
  /** So many are under way. */
  readonly lanes: number
}

interface Target {
  readonly namespace: string
  readonly name: string
  uid: string
  /** Of the rollout that was begun last, as the API server counts. */
  generation: number
  rollout?: PlayedRollout
  beganMs: number
  endedMs?: number
  toldMs?: number
  isTaken: boolean
  wasTold: boolean
  heard?: Heard
}

/** The last word of a Deployment in Slack. */
interface Heard {
  readonly generation: number
  readonly word: Word
}

const overtakenShare = 0.06

export class Load implements Disposable {
  readonly #options: LoadOptions
  readonly #targets: readonly Target[]
  readonly #over = new AbortController()
  #lanes: readonly Promise<void>[] = []
  #isPaused = false
  #isAbandoned = false
  begun = 0
  overtaken = 0
  /** From the end in the cluster to the word in Slack, of each. */
  readonly tellingMs: number[] = []

  constructor(options: LoadOptions) {
    this.#options = options
    this.#targets = options.targets.map((target) => ({
      ...target,
      uid: '',
      generation: 0,
      beganMs: 0,
      isTaken: false,
      wasTold: false,
    }))
  }

  start(): void {
    this.#lanes = Array.from({ length: this.#options.lanes }, (_, lane) => this.#run(lane))
  }

  /** Nothing more is begun; resolves when what is under way has ended in the cluster. */
  async stop(): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#lanes)
  }

  [Symbol.dispose](): void {
    this.#over.abort()
    this.#isAbandoned = true
  }

  /** Nothing is begun meanwhile: a server that is asked from all sides while it starts takes minutes. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
  }

  /** Begun and not ended, in the cluster. */
  get underWay(): number {
    return this.#targets.filter(({ rollout, endedMs }) => rollout && endedMs === undefined).length
  }

  /** Ended in the cluster, and its end not told. */
  get untold(): readonly string[] {
    return this.#targets
      .filter(({ endedMs, toldMs }) => endedMs !== undefined && toldMs === undefined)
      .map(({ namespace, name, rollout }) => `${namespace}/${name} ${rollout?.tag}`)
  }

  /** Of how many Deployments an end was told, ever. */
  get everTold(): number {
    return this.#targets.filter(({ wasTold }) => wasTold).length
  }

  /** Whether anything that ended after this is told by now. */
  toldSince(ms: number): boolean {
    return this.#targets.some(({ endedMs = 0, toldMs }) => endedMs > ms && toldMs !== undefined)
  }

  /** What the API server's history says. */
  see({ type, deployment }: RecordedEvent): void {
    const { metadata } = deployment
    const target = this.#targets.find(
      ({ namespace, name }) => namespace === metadata.namespace && name === metadata.name,
    )
    if (!target || type === 'DELETED') return
    target.uid = metadata.uid
    if (target.rollout === undefined || target.endedMs !== undefined) return
    if (metadata.generation !== target.generation || !hasEnded(deployment, target)) return
    target.endedMs = performance.now()
    this.#noteTold(target)
  }

  /** What people see. */
  read(message: SlackMessage): void {
    const { cards, mentions } = readSlackLog([message], 0)
    for (const mention of mentions)
      for (const target of this.#targets)
        if (target.rollout && isAbout(mention, { name: target.name, tag: target.rollout.tag }))
          this.#hear(target, { generation: target.generation, word: mention.word })
    const [card] = cards
    const word = card?.states.at(-1)?.word
    if (card === undefined || word === undefined) return
    const target = this.#targets.find(({ uid }) => uid === card.uid)
    if (target) this.#hear(target, { generation: card.generation, word })
  }

  #hear(target: Target, heard: Heard): void {
    if (target.heard && target.heard.generation > heard.generation) return
    target.heard = heard
    this.#noteTold(target)
  }

  #noteTold(target: Target): void {
    const { heard, generation, rollout, endedMs } = target
    if (endedMs === undefined || target.toldMs !== undefined || heard?.generation !== generation) return
    if (!rollout?.ends.includes(heard.word)) return
    target.toldMs = performance.now()
    target.wasTold = true
    this.tellingMs.push(target.toldMs - endedMs)
  }

  async #run(lane: number): Promise<void> {
    const { signal } = this.#over
    // Not all at once: neither people nor the control plane work like that.
    await delay(lane * 150)
    while (!signal.aborted) {
      const target = this.#isPaused ? undefined : this.#takeOne()
      if (target === undefined) {
        await delay(20)
        continue
      }
      await this.#begin(target)
      if (this.#options.random.chance(overtakenShare)) {
        await delay(this.#options.random.between(200, 3_000))
        this.overtaken++
        await this.#begin(target)
      }
      while (target.endedMs === undefined && !this.#isAbandoned) await delay(20)
      target.isTaken = false
    }
  }

  /** The one that has been at rest for longest. */
  #takeOne(): Target | undefined {
    let longest: Target | undefined
    for (const target of this.#targets)
      if (!target.isTaken && (target.rollout === undefined || target.toldMs !== undefined))
        if (longest === undefined || (target.toldMs ?? 0) < (longest.toldMs ?? 0)) longest = target
    if (longest) longest.isTaken = true
    return longest
  }

  async #begin(target: Target): Promise<void> {
    const { operator, random } = this.#options
    const { namespace, name } = target
    const rollout = drawRollout(random, ++this.begun)
    const { tag, progressDeadlineSeconds } = rollout
    target.generation = 0
    target.rollout = rollout
    target.beganMs = performance.now()
    delete target.endedMs
    delete target.toldMs
    for (;;) {
      try {
        const { metadata } = await operator.setTag(namespace, name, tag, { progressDeadlineSeconds })
        target.generation = metadata.generation ?? 0
        return
      } catch (error) {
        if (isGone(error)) throw error
        await delay(100)
      }
    }
  }
}

/** Complete, or given up by the controller; a verdict on the rollout before this one comes too early to count. */
function hasEnded({ spec, status, metadata }: Deployment, { rollout, beganMs }: Target): boolean {
  const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status
  if (observedGeneration < (metadata.generation ?? 0)) return false
  if (updatedReplicas === spec.replicas && replicas === spec.replicas && availableReplicas === spec.replicas)
    return true
  if (!rollout?.ends.includes('failed')) return false
  const gaveUp = status.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded') ?? false
  return gaveUp && performance.now() - beganMs > (rollout.progressDeadlineSeconds - 1) * 1_000
}
