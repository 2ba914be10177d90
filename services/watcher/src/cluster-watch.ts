// Owns the watching of one cluster once it is known what we may read.
// C1. Nothing is told of the cluster before both its scope and its Deployments are known.
// C2. It is ready once what stood was stored: until then nobody could tell a change from what was under way.
// C3. What is out of sight is not told again: it would look as if it still stood so, and grow old in that.
// C4. With rights in single namespaces those named are read each by itself: one that refuses hinders no other.
import { type CheckState, sleep } from '@hermod/runtime'
import type { Announcer, Listed } from './announcer.ts'
import type { ApiHealth } from './api-health.ts'
import type { DeploymentLedger } from './deployment-ledger.ts'
import type { ObservationLines } from './publish-observations.ts'
import type { Scope, ScopeChange } from './scope.ts'
import { type DeploymentReading, readSpecs, watchDeployments } from './watch-deployments.ts'
import { readNamespaces, watchNamespaces } from './watch-namespaces.ts'

// Often, so that what is told again comes in no bursts: each would stand in the way of what is new.
const tickMs = 250
const snapshotEveryMs = 30 * 60_000

export interface ClusterWatchOptions {
  readonly reading: DeploymentReading
  /** The whole cluster may be read; else only the namespaces that NAMESPACES names. */
  readonly everywhere: boolean
  readonly named: readonly string[]
  readonly partitions: number
  readonly scope: Scope
  readonly ledger: DeploymentLedger
  readonly lines: ObservationLines
  readonly health: ApiHealth
  readonly signal: AbortSignal
}

export class ClusterWatch {
  readonly #options: ClusterWatchOptions
  readonly #announcer: Announcer
  /** Which of the collections of Deployments stand listed: one for each namespace, or one under ''. */
  readonly #listed = new Set<string>()
  #scopeKnown = false
  #told = false
  #telling = 0

  constructor(options: ClusterWatchOptions, announcerOf: (listed: () => Listed) => Announcer) {
    this.#options = options
    this.#announcer = announcerOf(() => this.#listedSoFar())
  }

  /** Watches until the signal is aborted; rejects for what no retry mends. */
  async run(): Promise<void> {
    const { everywhere, named, reading, scope, health, signal } = this.#options
    const namespaces = {
      transport: reading.transport,
      scope,
      health,
      signal,
      changed: (change: ScopeChange) => this.#scopeChanged(change),
      listed: () => this.#scopeIsKnown(),
    }
    await Promise.all([
      everywhere ? watchNamespaces(namespaces) : readNamespaces(named, namespaces),
      ...this.#collections.map((namespace) => this.#watchDeployments(namespace)),
      this.#tickOn(),
      this.#tellInTurn(),
    ])
  }

  /** For readiness: whether everything that stood, or that a gap may have hidden, is stored. */
  get snapshot(): CheckState {
    const ok = this.#told && this.#telling === 0
    return { ok, ...(!ok && { detail: 'what stands is not published yet' }) }
  }

  /** The stream lost what it held: everything is told again, specs too. */
  streamLost(): void {
    const { reading } = this.#options
    void this.#announcer.tellAll(async () => {
      if (!reading.withSpec) return
      for (const namespace of this.#collections) await readSpecs(reading, namespace || undefined)
    })
  }

  get #collections(): readonly string[] {
    return this.#options.everywhere ? [''] : this.#options.named
  }

  async #watchDeployments(namespace: string): Promise<void> {
    const { reading, lines, health } = this.#options
    health.expect({ resource: 'deployments', namespace: namespace || undefined })
    await watchDeployments({
      ...reading,
      ...(namespace && { namespace }),
      lines,
      health,
      caughtUp: () => this.#caughtUp(namespace),
      allowed: (allowed) => {
        if (allowed) this.#listed.add(namespace)
        else if (namespace !== '') this.#listed.delete(namespace)
      },
    })
  }

  #listedSoFar(): Listed {
    const { everywhere, scope } = this.#options
    if (!everywhere) return { namespaces: [...this.#listed], wholeScope: false }
    const all = this.#scopeKnown && this.#listed.size > 0
    return { namespaces: all ? scope.namespaces : [], wholeScope: all }
  }

  #scopeIsKnown(): void {
    if (this.#scopeKnown) return
    this.#scopeKnown = true
    if (this.#listed.size > 0) this.#catchUp(this.#announcer.tellAll())
  }

  #caughtUp(namespace: string): void {
    if (!this.#scopeKnown) return
    this.#catchUp(namespace === '' ? this.#announcer.tellAll() : this.#announcer.tellNamespace(namespace))
  }

  #catchUp(telling: Promise<void>): void {
    this.#telling++
    void telling.then(() => {
      this.#telling--
      this.#told = true
    })
  }

  #scopeChanged(change: ScopeChange): void {
    if (change.kind === 'left') void this.#announcer.release(change)
    else if (this.#listed.size > 0) void this.#announcer.tellNamespace(change.namespace)
  }

  async #tickOn(): Promise<void> {
    const { ledger, health, signal } = this.#options
    while (!signal.aborted) {
      await sleep(tickMs, signal)
      if (health.inSight) ledger.tick()
    }
  }

  // One partition after the other, so that no burst of snapshots stands in the way of what is new.
  async #tellInTurn(): Promise<void> {
    const { partitions, health, signal } = this.#options
    for (let turn = 0; !signal.aborted; turn++) {
      await sleep(snapshotEveryMs / partitions, signal)
      const mayTell = this.#scopeKnown && this.#listed.size > 0 && health.inSight
      if (mayTell && !signal.aborted) void this.#announcer.tellPartition(turn % partitions)
    }
  }
}
