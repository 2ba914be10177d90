// Owns which namespaces dedupe knows, per partition and cluster.
// N1. The marks lie in the bucket of the states: if that is lost, they are lost with it, and what is there then
//     is a baseline again and no news.
import { escapeToken, type Parsed, parseFields, partitionOf } from '@hermod/contracts'
import { type BucketOptions, openBucket } from '@hermod/jetstream'

export interface KnownNamespaces {
  /** Whether a complete listing of its namespace was taken in, in the Deployment's partition. */
  has(deployment: Named, signal: AbortSignal): Promise<boolean>
  add(place: Place, namespaces: readonly string[], signal: AbortSignal): Promise<void>
  /** Forgets all others. */
  retain(place: Place, namespaces: ReadonlySet<string>, signal: AbortSignal): Promise<void>
  remove(place: Place, namespace: string, signal: AbortSignal): Promise<void>
}

/** One partition of one cluster. */
export interface Place {
  readonly partition: number
  readonly cluster: string
}

type Named = Parameters<typeof partitionOf>[0]

interface NamespaceMarks {
  readonly version: number
  readonly namespaces: readonly string[]
}

type NamespacesOptions = Omit<BucketOptions<unknown>, 'parse'> & { readonly partitions: number }

export function openKnownNamespaces({ partitions, ...options }: NamespacesOptions): KnownNamespaces {
  const bucket = openBucket({ ...options, parse: parseMarks })
  const change = async (
    place: Place,
    signal: AbortSignal,
    edit: (known: readonly string[]) => readonly string[],
  ): Promise<void> => {
    for (;;) {
      const entry = await bucket.load(keyOf(place), signal)
      const known = entry?.value.namespaces ?? []
      const namespaces = edit(known)
      if (namespaces.length === known.length) return
      const saved = await bucket.save(keyOf(place), { version: 1, namespaces }, entry?.kvRevision, signal)
      if (saved !== undefined) return
    }
  }
  return {
    async has(deployment, signal) {
      const place = { partition: partitionOf(deployment, partitions), cluster: deployment.cluster }
      const entry = await bucket.load(keyOf(place), signal)
      return entry?.value.namespaces.includes(deployment.namespace) ?? false
    },
    add: (place, namespaces, signal) =>
      change(place, signal, (known) => [...new Set([...known, ...namespaces])]),
    retain: (place, namespaces, signal) =>
      change(place, signal, (known) => known.filter((each) => namespaces.has(each))),
    remove: (place, namespace, signal) =>
      change(place, signal, (known) => known.filter((each) => each !== namespace)),
  }
}

// Three tokens: neither a Deployment's key nor republished.
function keyOf({ partition, cluster }: Place): string {
  return `${partition}.${escapeToken(cluster)}._namespaces`
}

function parseMarks(data: unknown): Parsed<NamespaceMarks> {
  return parseFields<NamespaceMarks>(data, 1, ({ namespaces }) =>
    Array.isArray(namespaces) && namespaces.every((each) => typeof each === 'string')
      ? { version: 1, namespaces }
      : 'namespaces: expected a list of names',
  )
}
