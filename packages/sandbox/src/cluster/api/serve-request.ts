/** One request to the API: GET of what is, POST, PATCH and DELETE of what is to be. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Action, type NewObject, notFound, type Ref } from '../model/actions.ts'
import type { PatchKind } from '../model/patch.ts'
import { Refusal } from '../model/refusal.ts'
import { answerJson, answerRefusal } from './api-answer.ts'
import { type ApiPath, parseApiPath } from './api-path.ts'
import type { Lists } from './list-objects.ts'
import type { LiveCluster } from './live-cluster.ts'
import { selectionOf } from './selection.ts'
import { serveWatch } from './watch-objects.ts'

export interface ApiContext {
  readonly cluster: LiveCluster
  readonly lists: Lists
  readonly token: string
}

const version = { major: '1', minor: '36', gitVersion: 'v1.36.3-hermod-sandbox' }
const mostBodyBytes = 4 * 1024 * 1024
const patchKinds: Readonly<Record<string, PatchKind>> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/json-patch+json': 'json',
}

export async function serveRequest(
  context: ApiContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (request.headers.authorization !== `Bearer ${context.token}`)
      throw new Refusal(401, 'Unauthorized', 'Unauthorized')
    if (['/readyz', '/livez', '/healthz'].includes(pathname)) return void response.end('ok')
    if (pathname === '/version') return answerJson(response, 200, version)
    const path = parseApiPath(pathname)
    if (!path) throw new Refusal(404, 'NotFound', 'the server could not find the requested resource')
    if (request.method === 'GET') return read(context, path, searchParams, response)
    const object = context.cluster.do(await actionOf(request, path, searchParams.get('fieldManager')))
    answerJson(response, request.method === 'POST' ? 201 : 200, object)
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error))
    if (response.headersSent) response.destroy()
    else answerRefusal(response, refusal)
  }
}

function read(
  { cluster, lists }: ApiContext,
  path: ApiPath,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const { kind, namespace, name } = path
  if (name !== undefined) {
    const found = cluster.state.objects[kind].get(`${namespace ?? ''}/${name}`)
    if (!found) throw notFound(kind, name)
    return answerJson(response, 200, found)
  }
  const selected = selectionOf(query, namespace)
  if (['1', 'true'].includes(query.get('watch') ?? ''))
    return serveWatch(cluster, { kind, query, selected }, response)
  answerJson(response, 200, lists.list(kind, query, selected))
}

async function actionOf(
  request: IncomingMessage,
  { kind, namespace = '', name }: ApiPath,
  fieldManager: string | null,
): Promise<Action> {
  // As there: whoever does not name itself is called after its program.
  const manager = fieldManager || request.headers['user-agent']?.split('/')[0] || 'unknown'
  const body = await readBody(request)
  if (request.method === 'POST' && name === undefined)
    return { kind: 'create', object: newObject(body, kind, namespace), manager }
  if (name === undefined)
    throw new Refusal(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    )
  const ref: Ref = { kind, namespace, name }
  if (request.method === 'PATCH') {
    const patchKind = patchKinds[request.headers['content-type']?.split(';')[0] ?? '']
    if (!patchKind)
      throw new Refusal(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format')
    return { kind: 'patch', ref, patchKind, patch: body, manager }
  }
  if (request.method !== 'DELETE')
    throw new Refusal(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    )
  const { propagationPolicy, preconditions } = (body ?? {}) as {
    propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
    preconditions?: { uid?: string }
  }
  return { kind: 'delete', ref, propagation: propagationPolicy ?? 'Background', uid: preconditions?.uid }
}

function newObject(body: unknown, kind: ApiPath['kind'], namespace: string): NewObject {
  const { metadata, ...given } = (body ?? {}) as Partial<NewObject>
  if (typeof metadata?.name !== 'string' || metadata.name === '')
    throw new Refusal(
      422,
      'Invalid',
      `${kind} "" is invalid: metadata.name: Required value: name or generateName is required`,
    )
  if (kind !== 'Namespace' && (metadata.namespace ?? namespace) !== namespace)
    throw new Refusal(
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  return { ...given, kind, metadata: { ...metadata, ...(namespace && { namespace }) } }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostBodyBytes) throw new Refusal(413, 'RequestEntityTooLarge', 'the request is too large')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    throw new Refusal(400, 'BadRequest', 'the body of the request is no JSON')
  }
}
