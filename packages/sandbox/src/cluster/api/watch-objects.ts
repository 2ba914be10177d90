import type { ServerResponse } from 'node:http'
import type { Change } from '../model/cluster-state.ts'
import { apiVersions, type Kind } from '../model/objects.ts'
import { Refusal } from '../model/refusal.ts'
import { statusOf } from './api-answer.ts'
import { sorted } from './list-objects.ts'
import type { LiveCluster } from './live-cluster.ts'
import type { Selection } from './selection.ts'
import { versionOf } from './watch-history.ts'

const bookmarkMs = 60_000
const usualSeconds = 1_800
// A reader so far behind is lost: it finds out by its connection, and lists anew.
const mostUnreadBytes = 16 * 1024 * 1024

export interface WatchRequest {
  readonly kind: Kind
  readonly query: URLSearchParams
  readonly selected: Selection
}

/** Serves one watch until its time is over or its reader is gone. Throws Refusal before anything is answered. */
export function serveWatch(
  cluster: LiveCluster,
  { kind, query, selected }: WatchRequest,
  response: ServerResponse,
): void {
  const start = startOf(query)
  const { state, history } = cluster
  response.writeHead(200, { 'content-type': 'application/json' })
  const tell = (type: string, object: unknown): void => {
    response.write(`${JSON.stringify({ type, object })}\n`)
    if (response.writableLength > mostUnreadBytes) response.destroy()
  }
  const bookmark = (annotations?: object): void => {
    const metadata = {
      resourceVersion: String(cluster.state.version),
      creationTimestamp: null,
      ...(annotations && { annotations }),
    }
    tell('BOOKMARK', { kind, apiVersion: apiVersions[kind], metadata, spec: {}, status: {} })
  }
  // Events up to a version that is still to come are not told, as on a real server.
  const tellAll = (changes: readonly Change[]): void => {
    for (const change of changes) if (versionOf(change.object) > start.version) tellChange(change)
  }
  const tellChange = ({ type, object, before }: Change): void => {
    if (object.kind !== kind) return
    const was = before !== undefined && type !== 'ADDED' && selected(before)
    const is = type !== 'DELETED' && selected(object)
    if (is) tell(was ? 'MODIFIED' : 'ADDED', object)
    else if (was) tell('DELETED', object)
  }

  if (start.initial)
    for (const object of sorted(state.objects[kind])) if (selected(object)) tell('ADDED', object)
  if (start.marked) bookmark({ 'k8s.io/initial-events-end': 'true' })
  const missed = start.initial ? [] : history.since(start.version)
  if (missed === undefined) {
    const text = `too old resource version: ${start.version} (${history.oldest})`
    tell('ERROR', statusOf(new Refusal(410, 'Expired', text)))
    response.end()
    return
  }
  tellAll(missed)
  const stop = cluster.listen(tellAll)
  const bookmarks =
    query.get('allowWatchBookmarks') === 'true' ? setInterval(bookmark, bookmarkMs) : undefined
  const seconds = Number(query.get('timeoutSeconds') ?? 0) || usualSeconds
  const timeout = setTimeout(() => response.end(), seconds * 1_000)
  response.once('close', () => {
    stop()
    clearInterval(bookmarks)
    clearTimeout(timeout)
  })
  response.flushHeaders()
}

interface Start {
  /** Whether it begins with all there is. */
  readonly initial: boolean
  readonly marked: boolean
  /** What happened after it is told. */
  readonly version: number
}

function startOf(query: URLSearchParams): Start {
  const text = query.get('resourceVersion') ?? ''
  const version = Number(text)
  if (!Number.isInteger(version))
    throw new Refusal(500, '', `strconv.ParseUint: parsing "${text}": invalid syntax`)
  if (query.get('sendInitialEvents') !== 'true') return { initial: version === 0, marked: false, version }
  const problem =
    (query.get('resourceVersionMatch') !== 'NotOlderThan' &&
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan') ||
    (query.get('allowWatchBookmarks') !== 'true' &&
      'allowWatchBookmarks: Forbidden: sendInitialEvents requires it')
  if (problem) throw new Refusal(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: ${problem}`)
  return { initial: true, marked: true, version: 0 }
}
