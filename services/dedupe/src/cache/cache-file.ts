/** What the cache file says of one Deployment: the spec that last came up and was told, or an empty one. */
export interface CacheEntry {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly spec: Readonly<Record<string, unknown>>
}

/** By Deployment name. A Map, since `constructor` and `__proto__` are names like any other. */
export type CacheEntries = ReadonlyMap<string, CacheEntry>

export type CacheFile =
  | { readonly kind: 'ok'; readonly entries: CacheEntries }
  | { readonly kind: 'unparsable'; readonly problem: string }

/** Of the format below, as deploy-notifier named it. */
const cacheSchemaVersion = 2

/** `deployment-events-v<VERSION>-<OWN_NAMESPACE>-<namespace>.json` */
export function cacheFileName(ownNamespace: string, namespace: string): string {
  return `deployment-events-v${cacheSchemaVersion}-${ownNamespace}-${namespace}.json`
}

/** Reads deploy-notifier's file and ours. Of a key that stands there twice the last counts. */
export function parseCacheFile(text: string): CacheFile {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return { kind: 'unparsable', problem: 'it is not JSON' }
  }
  const events = fieldOf(data, 'events')
  if (!isObject(events)) return { kind: 'unparsable', problem: 'it has no object "events"' }
  const entries = new Map<string, CacheEntry>()
  for (const [name, event] of Object.entries(events)) {
    const entry = entryOf(event)
    if (!entry)
      return { kind: 'unparsable', problem: `the entry ${JSON.stringify(name)} has no type and spec` }
    entries.set(name, entry)
  }
  return { kind: 'ok', entries }
}

/** The file's text; specs are written as the API spells them. */
export function writeCacheFile(entries: CacheEntries): string {
  const events = [...entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { type, spec }]) => {
      const event = { type, object: { spec, metadata: null, status: null } }
      return `${JSON.stringify(name)}:${JSON.stringify(event)}`
    })
  // Joined by hand: an object would give the name `__proto__` another meaning.
  return `{"events":{${events.join(',')}}}`
}

function entryOf(event: unknown): CacheEntry | undefined {
  const type = fieldOf(event, 'type')
  const spec = fieldOf(fieldOf(event, 'object'), 'spec')
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return undefined
  return isObject(spec) ? { type, spec } : undefined
}

function fieldOf(data: unknown, name: string): unknown {
  return isObject(data) && Object.hasOwn(data, name) ? data[name] : undefined
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
