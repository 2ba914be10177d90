// Owns what is read of the cache files: whether people heard of a template before our own state began.
// E1. Asked only for a Deployment of which nothing is known, so hardly ever.
// E2. A file that cannot be read says nothing: the baseline is decided without it. Then nothing is asked for a while:
//     at a start with hundreds of namespaces each would wait for its own deadline.
// E3. What was read before the connection to NATS was lost is forgotten: where the state went with it, the file has to
//     say what was told since.
import type { DeploymentObservation } from '@hermod/contracts'
import type { ArtifactoryClient } from './artifactory-client.ts'
import { type CacheEntries, cacheFileName, parseCacheFile } from './cache/cache-file.ts'
import { samePodTemplate } from './cache/same-pod-template.ts'
import type { Surroundings } from './rollout/baseline.ts'

export interface CachedTemplates {
  compare(seen: DeploymentObservation, signal: AbortSignal): Promise<Surroundings['cached']>
}

export interface CachedTemplatesOptions {
  readonly client: ArtifactoryClient
  readonly ownNamespace: string
  /** The only one that is cached: the file's name has no place for a cluster. */
  readonly cluster: string
  /** Of the connection to NATS: aborted when that is lost. */
  readonly link: () => AbortSignal
  readonly onTrouble: (reason: string | undefined) => void
}

interface ReadFile {
  readonly entries: Promise<CacheEntries>
  readonly until: number
  readonly link: AbortSignal
}

const keptMs = 60_000
const filesKept = 16
const quietAfterTroubleMs = 30_000

export function openCachedTemplates(options: CachedTemplatesOptions): CachedTemplates {
  const { client, ownNamespace, cluster, link, onTrouble } = options
  const files = new Map<string, ReadFile>()

  let quietUntil = 0

  const read = async (namespace: string): Promise<CacheEntries> => {
    if (performance.now() < quietUntil) return new Map()
    const fetched = await client.fetch(cacheFileName(ownNamespace, namespace))
    onTrouble(fetched.kind === 'unavailable' ? fetched.reason : undefined)
    if (fetched.kind === 'unavailable') quietUntil = performance.now() + quietAfterTroubleMs
    if (fetched.kind !== 'found') return new Map()
    const file = parseCacheFile(fetched.text)
    return file.kind === 'ok' ? file.entries : new Map()
  }
  const entriesOf = (namespace: string): Promise<CacheEntries> => {
    const known = files.get(namespace)
    if (known && known.until > performance.now() && !known.link.aborted) return known.entries
    const entries = read(namespace)
    files.delete(namespace)
    files.set(namespace, { entries, until: performance.now() + keptMs, link: link() })
    const [oldest] = files.keys()
    if (files.size > filesKept && oldest !== undefined) files.delete(oldest)
    return entries
  }

  return {
    async compare(seen, signal) {
      if (seen.cluster !== cluster) return undefined
      if (seen.spec === undefined && seen.occasion === 'snapshot') return undefined
      const entries = await entriesOf(seen.namespace)
      signal.throwIfAborted()
      const entry = entries.get(seen.name)
      if (!entry) return undefined
      if (seen.spec === undefined) return 'incomparable'
      // Told as deleted, it was made again since.
      return entry.type !== 'DELETED' && samePodTemplate(entry.spec, seen.spec) ? 'same' : 'different'
    },
  }
}
