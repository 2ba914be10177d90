// Owns what is known about our sight of the API server: for readiness, for metrics and for the log.
import type { CheckState, Logger } from '@hermod/runtime'
import { readApiObject } from './api-server/api-object.ts'
import type { Reflected } from './api-server/attempt.ts'
import type { Ending } from './api-server/reflector-state.ts'
import type { Resource, WatcherMetrics } from './watcher-metrics.ts'

const mostProblems = 20

interface Sighting {
  /** RFC 3339. */
  listedAt?: string
  problem?: string
  refused: boolean
}

/** A collection as people name it: `deployments` or `deployments in shop`. */
export interface CollectionName {
  readonly resource: Resource
  readonly namespace?: string | undefined
}

export class ApiHealth {
  readonly #log: Logger
  readonly #metrics: WatcherMetrics
  readonly #sightings = new Map<string, Sighting>()
  #unreachable: string | undefined = 'not reached yet'

  constructor(log: Logger, metrics: WatcherMetrics) {
    this.#log = log
    this.#metrics = metrics
  }

  /** Before the first list: what keeps us from the API server, undefined when nothing does. */
  reached(obstacle: string | undefined): void {
    if (obstacle !== undefined && obstacle !== this.#unreachable)
      this.#log.warn({ obstacle }, 'waiting for Kubernetes')
    this.#unreachable = obstacle
  }

  /** It will be watched, and until it was listed we are not ready. */
  expect(collection: CollectionName): void {
    this.#sightingOf(collection)
  }

  note(collection: CollectionName, reflected: Reflected<unknown>): void {
    const { resource } = collection
    const name = nameOf(collection)
    const sighting = this.#sightingOf(collection)
    if (reflected.kind === 'listed') {
      sighting.listedAt = new Date().toISOString()
      this.#metrics.lists.with({ resource, cause: reflected.cause }).inc()
    }
    if (reflected.kind === 'ended') this.#noteEnd(collection, reflected, sighting)
    else if (sighting.problem !== undefined) {
      this.#log.info({ collection: name }, 'in sight again')
      delete sighting.problem
      this.#refuse(collection, sighting, false)
    }
  }

  forget(collection: CollectionName): void {
    this.#refuse(collection, this.#sightingOf(collection), false)
    this.#sightings.delete(nameOf(collection))
  }

  /** An object that we cannot make sense of: it is left out, and the others go on. */
  unreadable(collection: CollectionName, object: unknown, error: unknown): void {
    this.#metrics.unreadable.with({ resource: collection.resource }).inc()
    const { identity } = readApiObject(object) ?? {}
    this.#log.error({ collection: nameOf(collection), ...identity, err: error }, 'an object cannot be read')
  }

  /** Whether every collection that matters is in sight, but for single namespaces that refuse us. */
  get inSight(): boolean {
    if (this.#unreachable !== undefined) return false
    const isRefused = (name: string, { refused }: Sighting): boolean => refused && name.includes(' in ')
    const allRight = this.#vital.every(([name, sighting]) => isInSight(sighting) || isRefused(name, sighting))
    return (
      allRight &&
      this.#vital.some(([name, sighting]) => name.startsWith('deployments') && isInSight(sighting))
    )
  }

  /** Whether we looked at this collection and lost sight of it, so that what we know of it may be old. */
  isLost(collection: CollectionName): boolean {
    const { problem, refused = false } = this.#sightings.get(nameOf(collection)) ?? {}
    return problem !== undefined && !refused
  }

  /** Ready while it is in sight. */
  get state(): CheckState {
    if (this.#unreachable !== undefined) return { ok: false, detail: this.#unreachable }
    return { ok: this.inSight, detail: this.#detail(this.#vital.map(([, sighting]) => sighting)) }
  }

  get #vital(): readonly (readonly [name: string, Sighting])[] {
    return [...this.#sightings].filter(([name]) => /^(namespaces|deployments)/.test(name))
  }

  #detail(vital: readonly Sighting[]): string {
    const problems = [...this.#sightings].flatMap(([name, { problem }]) =>
      problem ? [`${name}: ${problem}`] : [],
    )
    const [oldest] = vital.flatMap(({ listedAt }) => listedAt ?? []).sort()
    return [...problems.slice(0, mostProblems), oldest ? `listed at ${oldest}` : 'nothing listed yet'].join(
      '; ',
    )
  }

  #sightingOf(collection: CollectionName): Sighting {
    const name = nameOf(collection)
    const sighting = this.#sightings.get(name) ?? { refused: false }
    this.#sightings.set(name, sighting)
    return sighting
  }

  #refuse({ resource, namespace = '' }: CollectionName, sighting: Sighting, refused: boolean): void {
    if (sighting.refused === refused) return
    sighting.refused = refused
    const gauge = this.#metrics.refused.with({ resource, namespace })
    if (refused) gauge.set(1)
    else gauge.remove()
  }

  #noteEnd(
    collection: CollectionName,
    { ending, next, delayMs }: Extract<Reflected<unknown>, { kind: 'ended' }>,
    sighting: Sighting,
  ): void {
    this.#metrics.requestsEnded.with({ resource: collection.resource, how: ending.kind }).inc()
    const refused = ending.kind === 'status' && (ending.status === 401 || ending.status === 403)
    const problem = problemOf(ending)
    if (problem === undefined || next.failures === 0) return
    const news = sighting.problem === undefined
    this.#log[news ? 'warn' : 'debug'](
      { collection: nameOf(collection), problem, next: next.activity, delayMs },
      'out of sight',
    )
    // One failure is repeated at once; only the second in a row says that something is wrong. A silence lasted.
    if (next.failures < 2 && !refused && ending.kind !== 'silent') return
    sighting.problem = problem
    this.#refuse(collection, sighting, refused)
  }
}

function nameOf({ resource, namespace }: CollectionName): string {
  return namespace === undefined ? resource : `${resource} in ${namespace}`
}

function isInSight({ listedAt, problem }: Sighting): boolean {
  return listedAt !== undefined && problem === undefined
}

function problemOf(ending: Ending): string | undefined {
  switch (ending.kind) {
    case 'closed':
    case 'listed':
    case 'unmarked':
    case 'too-large':
      return undefined
    case 'silent':
      return 'the API server fell silent'
    case 'expired':
      return 'the watch could not be resumed (410)'
    case 'status':
      return `${ending.status} ${ending.message}`
    case 'broken':
    case 'malformed':
      break
  }
  return ending.error
}
