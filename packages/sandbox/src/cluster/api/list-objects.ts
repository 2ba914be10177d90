import type { Objects } from '../model/cluster-state.ts'
import { apiVersions, type Kind, type StoredObject } from '../model/objects.ts'
import { Refusal } from '../model/refusal.ts'
import type { LiveCluster } from './live-cluster.ts'
import type { Selection } from './selection.ts'

interface Snapshot {
  readonly version: number
  readonly objects: Objects
}

interface Continuation {
  readonly version: number
  readonly after: string
}

const mostSnapshots = 50

/** Answers lists. The pages of one list are all of one moment: its state is kept for a while. */
export class Lists {
  readonly #cluster: LiveCluster
  readonly #snapshots: Snapshot[] = []

  constructor(cluster: LiveCluster) {
    this.#cluster = cluster
  }

  /** Throws Refusal. */
  list(kind: Kind, query: URLSearchParams, selected: Selection): object {
    const token = query.get('continue')
    const { version, after } = token ? readToken(token) : { version: undefined, after: '' }
    const { objects, version: at } = this.#snapshot(version, query)
    const limit = Number(query.get('limit') ?? 0) || Number.POSITIVE_INFINITY
    const rest = sorted(objects[kind]).filter((object) => keyOf(object) > after && selected(object))
    const page = rest.slice(0, limit)
    const last = page.at(-1)
    const more = last !== undefined && rest.length > page.length
    if (more) this.#keep({ version: at, objects })
    return {
      kind: `${kind}List`,
      apiVersion: apiVersions[kind],
      metadata: {
        resourceVersion: String(at),
        ...(more && {
          continue: writeToken({ version: at, after: keyOf(last) }),
          remainingItemCount: rest.length - page.length,
        }),
      },
      // The items of a list do not repeat what they are.
      items: page.map(({ kind: _kind, apiVersion: _apiVersion, ...object }) => object),
    }
  }

  /** Continuations are of no use any more. */
  forget(): void {
    this.#snapshots.splice(0)
  }

  #snapshot(version: number | undefined, query: URLSearchParams): Snapshot {
    const { state } = this.#cluster
    checkAge(Number(query.get('resourceVersion') ?? 0), state.version)
    const exactly =
      query.get('resourceVersionMatch') === 'Exact' ? Number(query.get('resourceVersion')) : undefined
    const wanted = version ?? exactly
    if (wanted === undefined || wanted === state.version) return state
    const kept = this.#snapshots.find((snapshot) => snapshot.version === wanted)
    if (kept) return kept
    const what =
      version === undefined ? 'resourceVersion for the provided list' : 'provided continue parameter'
    throw new Refusal(410, 'Expired', `The ${what} is too old.`)
  }

  #keep(snapshot: Snapshot): void {
    if (this.#snapshots.some(({ version }) => version === snapshot.version)) return
    this.#snapshots.push(snapshot)
    if (this.#snapshots.length > mostSnapshots) this.#snapshots.shift()
  }
}

function checkAge(wanted: number, current: number): void {
  if (wanted > current)
    throw new Refusal(504, 'Timeout', `Too large resource version: ${wanted}, current: ${current}`)
}

/** By namespace and name, as the real one's keys are. */
export function sorted(objects: ReadonlyMap<string, StoredObject>): readonly StoredObject[] {
  return [...objects.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function keyOf({ metadata }: StoredObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

function writeToken(continuation: Continuation): string {
  return Buffer.from(JSON.stringify(continuation)).toString('base64url')
}

function readToken(token: string): Continuation {
  try {
    const { version, after } = JSON.parse(
      Buffer.from(token, 'base64url').toString('utf8'),
    ) as Partial<Continuation>
    if (typeof version === 'number' && typeof after === 'string') return { version, after }
  } catch {
    // Said below.
  }
  throw new Refusal(400, 'BadRequest', 'continue key is not valid')
}
