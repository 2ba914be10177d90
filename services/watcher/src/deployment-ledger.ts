// Owns what is known of every Deployment, and when to look at an open rollout again.
// L1. Every Deployment of the cluster is known, so that a namespace may enter the scope without a list of its own;
//     only those of announced namespaces are published.
// L2. The first observation of a generation carries its spec, where specs are wanted at all.
// L3. A Deployment is kept as JSON text, half the size of its object: it is read far less often than kept.
// L4. An open rollout is observed again every 15 s: the only clock of the whole pipeline.
import type { Occasion } from '@hermod/contracts'
import type { Logger } from '@hermod/runtime'
import type { ApiObject } from './api-server/api-object.ts'
import type { Identity } from './api-server/known-objects.ts'
import { composeObservation } from './deployment/compose.ts'
import type { DeploymentFacts } from './deployment/observe.ts'
import { isOpen } from './deployment/open.ts'
import { evidenceMoved, type Sight, worthOf } from './deployment/publish-decision.ts'
import type { Held } from './deployment/publish-line.ts'
import type { PodWarnings } from './pod-warnings.ts'
import type { ObservationLines } from './publish-observations.ts'
import type { RolloutEvidence } from './rollout-evidence.ts'
import type { Scope } from './scope.ts'

const lookAgainMs = 15_000
const patientMs = 10_000
// What is due beyond it waits for the next turn: an event may be waiting behind us.
const longestTickMs = 10

/** What the watch brings of a Deployment. */
export interface Seen {
  readonly facts: DeploymentFacts
  /** JSON, kept until an observation takes it along. */
  readonly spec?: string | undefined
}

/** What names a Deployment, and tells its states apart. */
export interface DeploymentIdentity {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
}

interface Known extends DeploymentIdentity {
  /** JSON of the sight as it was last judged, or of the bare facts in one that is not `told`. */
  sight: string
  /** Something of it was published, so that the next is judged against it. */
  told: boolean
  /** As it was when it was last looked at. */
  open: boolean
  spec: string | undefined
  /** Monotonic milliseconds. */
  templateSince: number
  evidenceSince: number
  lookAt: number
}

export interface LedgerOptions {
  readonly cluster: string
  readonly scope: Scope
  readonly evidence: RolloutEvidence
  readonly warnings: PodWarnings
  readonly lines: ObservationLines
  readonly log: Logger
  /** Whether a rollout without git annotations is worth a warning. */
  readonly gitAnnotationWarning: boolean
}

export class DeploymentLedger {
  readonly #options: LedgerOptions
  readonly #known = new Map<string, Known>()
  readonly #keyOf = new Map<string, string>()
  readonly #open = new Set<string>()
  readonly #announced = new Set<string>()

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#known.size
  }

  get openRollouts(): number {
    return this.#open.size
  }

  /** The facts of a Deployment as they were last seen. */
  get(namespace: string, name: string): DeploymentFacts | undefined {
    const known = this.#known.get(`${namespace}/${name}`)
    return known && sightOf(known).facts
  }

  /** Whether the Deployment is known in this very state. */
  knows({ identity: { namespace, name, uid }, resourceVersion }: ApiObject): boolean {
    const known = this.#known.get(`${namespace}/${name}`)
    return known?.uid === uid && known.resourceVersion === resourceVersion
  }

  /** The Deployments of these namespaces. */
  *deploymentsOf(namespaces: ReadonlySet<string>): Generator<DeploymentIdentity> {
    for (const known of this.#known.values()) if (namespaces.has(known.namespace)) yield known
  }

  /** Takes over what the watch shows, and publishes what is new of it. `readAt`: monotonic milliseconds. */
  see({ facts, spec }: Seen, readAt: number): void {
    const key = `${facts.namespace}/${facts.name}`
    const now = performance.now()
    const before = this.#known.get(key)
    const seen = before && sightOf(before)
    const was = before?.uid === facts.uid ? seen?.facts : undefined
    const sameTemplate = was?.template.digest === facts.template.digest
    const { namespace, name, uid, resourceVersion } = facts
    const known: Known = {
      namespace,
      name,
      uid,
      resourceVersion,
      sight: before?.told ? before.sight : JSON.stringify({ facts, open: false }),
      told: before?.told ?? false,
      open: before?.open ?? false,
      spec: was?.generation === facts.generation ? before?.spec : spec,
      templateSince: before && sameTemplate ? before.templateSince : now - (before ? 0 : ageMs(facts)),
      evidenceSince: before?.evidenceSince ?? now,
      lookAt: before?.lookAt ?? now + lookAgainMs,
    }
    this.#known.set(key, known)
    this.#keyOf.set(uid, key)
    if (this.#announced.has(namespace)) this.#judge(key, known, seen, facts, 'changed', readAt)
    else known.open = this.#standing(known, facts, now)
  }

  /** The Deployment is gone; `facts` are its last, where the watch told them. */
  gone({ namespace, name, uid }: Identity, facts: DeploymentFacts | undefined, readAt: number): void {
    const key = `${namespace}/${name}`
    const known = this.#known.get(key)
    this.#keyOf.delete(uid)
    if (known?.uid !== uid) return
    this.#known.delete(key)
    this.#open.delete(key)
    if (!this.#announced.has(namespace)) return
    const last = { facts: facts ?? sightOf(known).facts, open: false }
    this.#publish(known, last, 'changed', { kind: 'lasting', madeAt: readAt, deleted: true })
  }

  /** Whether a rollout of it is looked into. */
  isOpen(deploymentUid: string): boolean {
    const key = this.#keyOf.get(deploymentUid)
    return key !== undefined && this.#open.has(key)
  }

  /** Their ReplicaSets or pods changed: that says something of open rollouts alone. */
  reconsider(deploymentUids: Iterable<string>, readAt: number): void {
    for (const uid of deploymentUids) {
      const key = this.#keyOf.get(uid)
      const known = key === undefined || !this.#open.has(key) ? undefined : this.#known.get(key)
      if (key !== undefined && known?.told) this.#judgeAgain(key, known, 'changed', readAt)
    }
  }

  /** To be called several times a second: looks again at what is open and due. */
  tick(): void {
    const from = performance.now()
    for (const key of this.#open) {
      const known = this.#known.get(key)
      const now = performance.now()
      if (known === undefined || now < known.lookAt) continue
      if (now - from > longestTickMs) break
      // Behind all others, so that each has its turn.
      this.#open.delete(key)
      const facts = this.#judgeAgain(key, known, 'again', now)
      void this.#askWhy(facts)
    }
    this.lookIntoOpen()
  }

  /** Points the search for evidence at the namespaces with open rollouts. */
  lookIntoOpen(): void {
    this.#options.evidence.lookInto(new Set([...this.#open].map((key) => key.slice(0, key.indexOf('/')))))
  }

  /** From now on what happens there is published. */
  announce(namespaces: readonly string[]): void {
    const fresh = new Set(namespaces).difference(this.#announced)
    for (const namespace of fresh) this.#announced.add(namespace)
    for (const [key, known] of fresh.size > 0 ? this.#known : []) {
      if (fresh.has(known.namespace) && known.open) this.#open.add(key)
    }
  }

  /** From now on nothing of it is published, and what was is forgotten. */
  silence(namespace: string): void {
    this.#announced.delete(namespace)
    for (const [key, known] of this.#known) {
      if (known.namespace !== namespace) continue
      known.told = false
      this.#open.delete(key)
    }
  }

  /** The next observation of this Deployment carries its spec again. */
  tellSpecOf({ facts, spec }: Seen): void {
    const known = this.#known.get(`${facts.namespace}/${facts.name}`)
    if (known?.uid === facts.uid && sightOf(known).facts.generation === facts.generation) known.spec = spec
  }

  /** Publishes a Deployment as part of a snapshot; false if it is gone by now. */
  retell({ namespace, name }: DeploymentIdentity): boolean {
    const key = `${namespace}/${name}`
    const known = this.#known.get(key)
    if (known === undefined || !this.#announced.has(namespace)) return false
    this.#judgeAgain(key, known, 'snapshot', performance.now())
    return true
  }

  #judgeAgain(key: string, known: Known, occasion: Occasion, madeAt: number): DeploymentFacts {
    const seen = sightOf(known)
    this.#judge(key, known, seen, seen.facts, occasion, madeAt)
    return seen.facts
  }

  /** `seen`: its sight so far, read once for all who look at it. */
  #judge(
    key: string,
    known: Known,
    seen: Sight | undefined,
    facts: DeploymentFacts,
    occasion: Occasion,
    madeAt: number,
  ): void {
    const now = performance.now()
    const before = known.told ? seen : undefined
    if (evidenceMoved(before, { facts, open: false, diagnosis: before?.diagnosis })) known.evidenceSince = now
    const open = this.#standing(known, facts, now)
    const { newReplicaSet, diagnosis } = this.#options.evidence.of(facts, open)
    const sight: Sight = { facts, open, diagnosis, newReplicaSet }
    if (evidenceMoved(before, sight)) known.evidenceSince = now
    known.sight = JSON.stringify(sight)
    known.told = true
    known.open = open
    if (open) this.#open.add(key)
    else this.#open.delete(key)
    const worth = worthOf(before, sight)
    if (worth.reason === 'template changed') this.#warnOfGit(facts)
    if (occasion !== 'changed') {
      const kind = worth.kind === 'lasting' ? 'lasting' : 'changed'
      this.#publish(known, sight, occasion, { kind, madeAt })
    } else if (worth.kind === 'progress')
      this.#publish(known, sight, 'progress', { kind: 'progress', madeAt })
    else if (worth.kind !== 'same') this.#publish(known, sight, 'changed', { kind: worth.kind, madeAt })
  }

  #standing({ templateSince, evidenceSince }: Known, facts: DeploymentFacts, now: number): boolean {
    return isOpen(facts, { templateAgeMs: now - templateSince, evidenceAgeMs: now - evidenceSince })
  }

  #publish(
    known: Known,
    sight: Sight,
    occasion: Occasion,
    { kind, madeAt, deleted = false }: { kind: Held<unknown>['kind']; madeAt: number; deleted?: boolean },
  ): void {
    const { cluster, scope, lines } = this.#options
    const { namespace } = sight.facts
    known.lookAt = performance.now() + lookAgainMs
    const spec: unknown = known.spec === undefined ? undefined : JSON.parse(known.spec)
    known.spec = undefined
    const observation = composeObservation(sight, {
      cluster,
      namespaceAnnotations: scope.annotationsOf(namespace),
      namespaceListed: scope.lists(namespace),
      occasion,
      deleted,
      spec: typeof spec === 'object' && spec !== null ? { ...spec } : undefined,
      observedAt: new Date().toISOString(),
    })
    lines.offer({ observation, madeAt }, kind)
  }

  #warnOfGit({ namespace, name, git }: DeploymentFacts): void {
    if (!this.#options.gitAnnotationWarning || (git.sha && git.repo)) return
    this.#options.log.warn({ namespace, deployment: name, ...git }, 'a rollout without git annotations')
  }

  async #askWhy(facts: DeploymentFacts): Promise<void> {
    const { evidence, warnings } = this.#options
    const longUnready = evidence.of(facts, true).unexplained.filter(({ unreadySince = '' }) => {
      return Date.now() - Date.parse(unreadySince) >= patientMs
    })
    if (await warnings.ask(longUnready)) this.reconsider([facts.uid], performance.now())
  }
}

function sightOf({ sight }: Known): Sight {
  return JSON.parse(sight)
}

function ageMs({ creationTimestamp }: DeploymentFacts): number {
  const created = Date.parse(creationTimestamp)
  return Number.isNaN(created) ? Number.POSITIVE_INFINITY : Math.max(0, Date.now() - created)
}
