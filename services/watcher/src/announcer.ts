// Owns snapshots and what is said of whole namespaces.
// A1. One thing at a time, in the order in which it came up: a namespace that leaves and comes back is first
//     released, then told anew.
// A2. The end of a snapshot follows the acknowledgement of everything it tells; live changes overtake it.
// A3. Once everything is to be told, nothing else is told to its end: NATS may have lost its beginning.
// A4. Listed in the end marker is what stood when it was written, so whoever is missing there is gone.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { markerVersion, partitionOf } from '@hermod/contracts'
import type { Logger } from '@hermod/runtime'
import type { DeploymentIdentity, DeploymentLedger } from './deployment-ledger.ts'
import type { ObservationStream } from './observation-stream.ts'
import type { ObservationLines } from './publish-observations.ts'
import type { RolloutEvidence } from './rollout-evidence.ts'
import type { ScopeChange } from './scope.ts'
import { snapshotPieces } from './snapshot-pieces.ts'
import type { WatcherMetrics } from './watcher-metrics.ts'

const atOnce = 64
const deletionPatienceMs = 2_000
const evidencePatienceMs = 3_000

export interface AnnouncerOptions {
  readonly ledger: DeploymentLedger
  readonly lines: ObservationLines
  readonly stream: ObservationStream
  readonly evidence: RolloutEvidence
  readonly listed: () => Listed
  readonly metrics: WatcherMetrics
  readonly log: Logger
  readonly signal: AbortSignal
  readonly fail: (error: unknown) => void
}

export interface Listed {
  /** Those that are in the scope and were completely listed. */
  readonly namespaces: readonly string[]
  /** There is no other in the scope. */
  readonly wholeScope: boolean
}

export class Announcer {
  readonly #options: AnnouncerOptions
  #last: Promise<void> = Promise.resolve()
  /** What must be done before everything is told, while that waits for its turn. */
  #due: (() => Promise<void>)[] | undefined

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** Tells everything in the scope; asked again before it began, it is done once. */
  tellAll(prepare: () => Promise<void> = async () => undefined): Promise<void> {
    this.#due?.push(prepare)
    if (this.#due !== undefined) return this.#last
    this.#due = [prepare]
    return this.#then(async () => {
      const due = this.#due ?? []
      this.#due = undefined
      for (const each of due) await each()
      await this.#tell(this.#options.listed(), this.#partitions())
    })
  }

  tellNamespace(namespace: string): Promise<void> {
    const alone = { namespaces: [namespace], wholeScope: false }
    return this.#then(() => this.#tell(alone, this.#partitions()))
  }

  tellPartition(partition: number): Promise<void> {
    return this.#then(() => this.#tell(this.#options.listed(), [partition]))
  }

  /** The namespace is no longer watched. */
  release({ namespace, deleted }: ScopeChange): Promise<void> {
    return this.#then(async () => {
      const { ledger, lines, stream, log } = this.#options
      if (deleted) await this.#untilEmpty(namespace)
      ledger.silence(namespace)
      await lines.idleIn(namespace)
      log.info({ namespace }, 'namespace left the scope')
      await Promise.all(
        this.#partitions().map((partition) =>
          stream.marker({ ...this.#marker(partition), kind: 'released', namespace }),
        ),
      )
    })
  }

  // The watch of Namespaces may tell of a deletion before that of Deployments has told of theirs.
  async #untilEmpty(namespace: string): Promise<void> {
    const { ledger, signal } = this.#options
    const until = performance.now() + deletionPatienceMs
    const isEmpty = (): boolean => ledger.deploymentsOf(new Set([namespace])).next().done === true
    while (!isEmpty() && performance.now() < until) await delay(50, undefined, { signal })
  }

  async #tell(listed: Listed, partitions: readonly number[]): Promise<void> {
    const { namespaces } = listed
    const { ledger, lines, stream, evidence, log, metrics, signal } = this.#options
    ledger.announce(namespaces)
    // Of what is open the first word should already say why.
    ledger.lookIntoOpen()
    await evidence.settled(evidencePatienceMs, signal)
    const snapshotId = randomUUID()
    await Promise.all(
      partitions.map((partition) =>
        stream.marker({ ...this.#marker(partition), kind: 'snapshot-begin', snapshotId }),
      ),
    )
    const isVain = (): boolean => this.#due !== undefined
    const standing = this.#standing(namespaces)
    const told = partitions.flatMap((partition) => standing.get(partition) ?? []).values()
    const tellNext = async (): Promise<void> => {
      for (const each of told)
        if (!isVain() && ledger.retell(each)) await lines.idle(each.namespace, each.name)
    }
    await Promise.all(Array.from({ length: atOnce }, tellNext))
    if (isVain()) return
    const stillStanding = this.#standing(namespaces)
    await Promise.all(
      partitions.map((partition) =>
        this.#end(snapshotId, partition, listed, stillStanding.get(partition) ?? []),
      ),
    )
    metrics.snapshots.inc()
    log.debug(
      { snapshotId, namespaces: namespaces.length, partitions: partitions.length },
      'snapshot published',
    )
  }

  async #end(
    snapshotId: string,
    partition: number,
    { namespaces, wholeScope }: Listed,
    deployments: readonly DeploymentIdentity[],
  ): Promise<void> {
    const pieces = snapshotPieces(namespaces, deployments)
    for (const [index, piece] of pieces.entries()) {
      const marker = {
        ...this.#marker(partition),
        kind: 'snapshot-end',
        snapshotId,
        pieces: pieces.length,
        ...(wholeScope && { wholeScope }),
      } as const
      await this.#options.stream.marker({ ...marker, piece: index + 1, ...piece })
    }
  }

  /** By partition: a hash each, so once for all of them. */
  #standing(namespaces: readonly string[]): ReadonlyMap<number, readonly DeploymentIdentity[]> {
    const { ledger, stream } = this.#options
    const { cluster, partitions } = stream
    return Map.groupBy(ledger.deploymentsOf(new Set(namespaces)), ({ namespace, name }) =>
      partitionOf({ cluster, namespace, name }, partitions),
    )
  }

  #partitions(): readonly number[] {
    return Array.from({ length: this.#options.stream.partitions }, (_, partition) => partition)
  }

  #marker(partition: number): { version: number; cluster: string; partition: number; observedAt: string } {
    return {
      version: markerVersion,
      cluster: this.#options.stream.cluster,
      partition,
      observedAt: new Date().toISOString(),
    }
  }

  /** Resolves when it is done, or was given up. */
  #then(job: () => Promise<void>): Promise<void> {
    const { signal, fail } = this.#options
    this.#last = this.#last.then(job).catch((error: unknown) => {
      if (!signal.aborted) fail(error)
    })
    return this.#last
  }
}
