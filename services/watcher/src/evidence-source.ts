// Owns the ReplicaSets and pods of one namespace, or of all of them, while rollouts are open there.
import type { V1Pod, V1ReplicaSet } from '@kubernetes/client-node'
import type { ApiHealth } from './api-health.ts'
import type { ApiTransport } from './api-server/api-transport.ts'
import type { Reflected } from './api-server/attempt.ts'
import type { Change } from './api-server/known-objects.ts'
import { reflect } from './api-server/reflector.ts'
import { observePod, type PodFacts } from './deployment/pod-facts.ts'
import {
  deploymentOf,
  isEmpty,
  type OwnedReplicaSet,
  observeReplicaSet,
} from './deployment/replica-set-facts.ts'
import type { Digester } from './deployment/template-digest.ts'
import { asWire, type Wire } from './deployment/wire.ts'
import { OwnedIndex } from './owned-index.ts'

export interface EvidenceDeps {
  readonly transport: ApiTransport
  readonly health: ApiHealth
  readonly digesterOf: (deploymentUid: string) => Digester
  /** Whether a rollout of this Deployment is open. */
  readonly isOpen: (deploymentUid: string) => boolean
  /** What explains these Deployments (uids) may have changed. */
  readonly changed: (deploymentUids: ReadonlySet<string>, readAt: number) => void
  readonly fail: (error: unknown) => void
}

interface Following<T> {
  readonly resource: 'replicasets' | 'pods'
  readonly api: string
  readonly project: (object: unknown) => T | undefined
  /** Takes a change over and names the Deployment that it concerns. */
  readonly take: (change: Change<T>) => string | undefined
}

export class EvidenceSource implements AsyncDisposable {
  readonly #deps: EvidenceDeps
  readonly #namespace: string | undefined
  readonly #stop = new AbortController()
  readonly #replicaSets = new OwnedIndex<OwnedReplicaSet>()
  readonly #pods = new OwnedIndex<PodFacts>()
  readonly #following: readonly Promise<void>[]
  readonly #listed = new Set<string>()
  readonly #settled = new Set<string>()
  readonly #ready = Promise.withResolvers<void>()

  /** Of all namespaces where none is given. */
  constructor(namespace: string | undefined, deps: EvidenceDeps) {
    this.#deps = deps
    this.#namespace = namespace
    this.#following = [
      this.#follow({
        resource: 'replicasets',
        api: '/apis/apps/v1',
        project: (object) => this.#replicaSetIn(asWire<V1ReplicaSet>(object)),
        take: (change) => this.#takeReplicaSet(change),
      }),
      this.#follow({
        resource: 'pods',
        api: '/api/v1',
        project: (object) => observePod(asWire<V1Pod>(object)),
        take: (change) => this.#takePod(change),
      }),
    ]
  }

  /** Resolves when both were listed, or may not be. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get isReady(): boolean {
    return this.#settled.size === this.#following.length
  }

  /** Both were listed. */
  get isComplete(): boolean {
    return this.#listed.size === this.#following.length
  }

  replicaSetsOf(deploymentUid: string): readonly OwnedReplicaSet[] {
    return this.#replicaSets.of(deploymentUid)
  }

  /** None while they are out of sight: what was wrong with them then may be over. */
  podsOf(replicaSetUid: string): readonly PodFacts[] {
    const isLost = this.#deps.health.isLost({ resource: 'pods', namespace: this.#namespace })
    return isLost ? [] : this.#pods.of(replicaSetUid)
  }

  // A cluster keeps ten old ReplicaSets of each Deployment: one without pods is written to before it is of use again.
  #replicaSetIn(object: Wire<V1ReplicaSet>): OwnedReplicaSet | undefined {
    const { digesterOf, isOpen } = this.#deps
    const owner = deploymentOf(object)
    if (this.#namespace === undefined && isEmpty(object) && !(owner && isOpen(owner))) return undefined
    return observeReplicaSet(object, digesterOf)
  }

  async #follow<T>({ resource, api, project, take }: Following<T>): Promise<void> {
    const { transport, health, changed, fail } = this.#deps
    const { signal } = this.#stop
    const path =
      this.#namespace === undefined
        ? `${api}/${resource}`
        : `${api}/namespaces/${this.#namespace}/${resource}`
    const name = { resource, namespace: this.#namespace }
    try {
      const unreadable = (object: unknown, error: unknown): void => health.unreadable(name, object, error)
      for await (const reflected of reflect<T>({ transport, path, project, unreadable, signal })) {
        health.note(name, reflected)
        if (reflected.kind === 'changes') {
          const concerned = new Set(reflected.changes.map(take).filter((uid) => uid !== undefined))
          if (concerned.size > 0) changed(concerned, reflected.readAt)
        }
        if (reflected.kind === 'listed') this.#listed.add(resource)
        if (reflected.kind === 'listed' || isForbidden(reflected)) this.#settle(resource)
      }
    } catch (error) {
      fail(error)
    } finally {
      health.forget(name)
    }
  }

  #settle(resource: string): void {
    this.#settled.add(resource)
    if (this.isReady) this.#ready.resolve()
  }

  #takeReplicaSet({ kind, identity, object }: Change<OwnedReplicaSet>): string | undefined {
    const before = this.#replicaSets.ownerOf(identity.uid)
    if (kind === 'deleted' || object === undefined) this.#replicaSets.delete(identity.uid)
    else this.#replicaSets.set(object.deploymentUid, identity.uid, object)
    return object?.deploymentUid ?? before
  }

  #takePod({ kind, identity, object }: Change<PodFacts>): string | undefined {
    const before = this.#pods.ownerOf(identity.uid)
    if (kind === 'deleted' || object === undefined) this.#pods.delete(identity.uid)
    else this.#pods.set(object.replicaSetUid, identity.uid, object)
    const replicaSet = object?.replicaSetUid ?? before
    return replicaSet === undefined ? undefined : this.#replicaSets.ownerOf(replicaSet)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.#ready.resolve()
    await Promise.all(this.#following)
  }
}

function isForbidden(reflected: Reflected<unknown>): boolean {
  return reflected.kind === 'ended' && reflected.ending.kind === 'status' && reflected.ending.status === 403
}
