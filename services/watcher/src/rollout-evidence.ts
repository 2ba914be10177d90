// Owns where we look for what explains open rollouts.
// E1. Only namespaces with an open rollout are looked into; above 20 of them one look at the whole cluster costs
//     fewer connections.
// E2. A look that takes over from another is complete before the other ends; the whole cluster takes seconds to
//     list, and until it is some more namespaces are looked into each by itself.
import { setTimeout as delay } from 'node:timers/promises'
import type { Diagnosis, ReplicaSetFacts } from '@hermod/contracts'
import { conditionsOfNew } from './deployment/condition-facts.ts'
import { diagnose } from './deployment/diagnose.ts'
import type { DeploymentFacts } from './deployment/observe.ts'
import { isUnexplained, type PodFacts } from './deployment/pod-facts.ts'
import { newReplicaSetOf, type OwnedReplicaSet } from './deployment/replica-set-facts.ts'
import { type EvidenceDeps, EvidenceSource } from './evidence-source.ts'
import type { PodWarnings } from './pod-warnings.ts'

const mostNamespaces = 20
const mostMeanwhile = 40
const fewAgain = 10
const lingerMs = 60_000

export interface RolloutEvidenceOptions extends EvidenceDeps {
  readonly warnings: PodWarnings
  /** Whether a look at the whole cluster is allowed. */
  readonly clusterWide: boolean
}

/** What the pods of one Deployment say. */
export interface Finding {
  readonly newReplicaSet?: ReplicaSetFacts | undefined
  readonly diagnosis?: Diagnosis | undefined
  /** Pods that do not come up though their status does not say, or not fully, why. */
  readonly unexplained: readonly PodFacts[]
}

export class RolloutEvidence implements AsyncDisposable {
  readonly #options: RolloutEvidenceOptions
  readonly #sources = new Map<string, EvidenceSource>()
  readonly #unwantedSince = new Map<string, number>()
  readonly #ending = new Set<Promise<void>>()
  #everywhere: EvidenceSource | undefined

  constructor(options: RolloutEvidenceOptions) {
    this.#options = options
  }

  /** Looks into these namespaces from now on; into others no longer, once nobody asked for them for a minute. */
  lookInto(namespaces: ReadonlySet<string>): void {
    const { clusterWide } = this.#options
    if (clusterWide && namespaces.size > mostNamespaces)
      this.#everywhere ??= new EvidenceSource(undefined, this.#options)
    const everywhere = this.#everywhere !== undefined && namespaces.size > fewAgain
    if (everywhere && this.#everywhere?.isComplete) {
      for (const namespace of this.#sources.keys()) this.#end(namespace)
      return
    }
    for (const namespace of namespaces) {
      this.#unwantedSince.delete(namespace)
      if (this.#sources.has(namespace) || (everywhere && this.#sources.size >= mostMeanwhile)) continue
      this.#sources.set(namespace, new EvidenceSource(namespace, this.#options))
    }
    if (everywhere) return
    this.#endUnwanted(namespaces)
    if ([...namespaces].every((namespace) => this.#sources.get(namespace)?.isReady)) this.#endEverywhere()
  }

  /** Resolves when every look is complete, or after `patienceMs`. */
  async settled(patienceMs: number, signal: AbortSignal): Promise<void> {
    const sources = [...this.#sources.values(), ...(this.#everywhere ? [this.#everywhere] : [])]
    const stop = new AbortController()
    const patience = delay(patienceMs, undefined, { signal: AbortSignal.any([signal, stop.signal]) }).catch(
      () => undefined,
    )
    await Promise.race([Promise.all(sources.map(({ ready }) => ready)), patience])
    stop.abort()
  }

  /** `diagnosing` is false for a rollout that is closed: then only its ReplicaSet is of interest. */
  of(facts: DeploymentFacts, diagnosing: boolean): Finding {
    const { namespace, uid, template, replicas } = facts
    const source = this.#sourceOf(namespace)
    const replicaSets = source?.replicaSetsOf(uid) ?? []
    const newReplicaSet = newReplicaSetOf(replicaSets, template.digest)
    const told = newReplicaSet && asTold(newReplicaSet)
    if (!diagnosing) return { newReplicaSet: told, unexplained: [] }
    const podsOf = (each: OwnedReplicaSet): readonly PodFacts[] => source?.podsOf(each.uid) ?? []
    const newPods = newReplicaSet === undefined ? [] : podsOf(newReplicaSet)
    const oldPods = replicaSets.filter((each) => each !== newReplicaSet).flatMap(podsOf)
    const warnings = this.#options.warnings.of([...newPods, ...oldPods])
    return {
      newReplicaSet: told,
      diagnosis: diagnose({
        replicas,
        conditions: conditionsOfNew(facts, newReplicaSet),
        containers: template.containers,
        newPods,
        oldPods,
        warnings,
      }),
      unexplained: newPods.filter(isUnexplained),
    }
  }

  #sourceOf(namespace: string): EvidenceSource | undefined {
    const own = this.#sources.get(namespace)
    if (own?.isReady) return own
    return this.#everywhere?.isComplete ? this.#everywhere : (own ?? this.#everywhere)
  }

  #endUnwanted(namespaces: ReadonlySet<string>): void {
    const now = performance.now()
    for (const namespace of this.#sources.keys()) {
      if (namespaces.has(namespace)) continue
      const since = this.#unwantedSince.get(namespace) ?? now
      this.#unwantedSince.set(namespace, since)
      if (now - since >= lingerMs) this.#end(namespace)
    }
  }

  #end(namespace: string): void {
    const source = this.#sources.get(namespace)
    this.#sources.delete(namespace)
    this.#unwantedSince.delete(namespace)
    if (source) this.#dispose(source)
  }

  #endEverywhere(): void {
    const source = this.#everywhere
    this.#everywhere = undefined
    if (source) this.#dispose(source)
  }

  #dispose(source: EvidenceSource): void {
    const ended = source[Symbol.asyncDispose]().finally(() => this.#ending.delete(ended))
    this.#ending.add(ended)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const namespace of this.#sources.keys()) this.#end(namespace)
    this.#endEverywhere()
    await Promise.all(this.#ending)
  }
}

function asTold({
  name,
  uid,
  podTemplateHash,
  creationTimestamp,
  revision,
}: OwnedReplicaSet): ReplicaSetFacts {
  return { name, uid, podTemplateHash, creationTimestamp, ...(revision && { revision }) }
}
