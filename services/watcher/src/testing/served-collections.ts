import type { ApiRequest, ApiResponse, ApiTransport } from '../api-server/api-transport.ts'

/** What the API server has under a path, or the status with which it refuses. */
export type Served = (path: string, query: ApiRequest['query']) => readonly object[] | object | number

/** An API server whose collections never change: each is listed, then watched in silence until the signal. */
export function serveCollections(serve: Served): ApiTransport {
  return {
    request: async ({ path, query, onSent, signal }): Promise<ApiResponse> => {
      onSent?.()
      const served = serve(path, query)
      if (typeof served === 'number') return { status: served, body: text('refused') }
      if (!Array.isArray(served)) return { status: 200, body: text(JSON.stringify(served)) }
      return { status: 200, body: stream(served, signal) }
    },
  }
}

async function* stream(objects: readonly object[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const annotations = { 'k8s.io/initial-events-end': 'true' }
  const mark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '1', annotations } } }
  const events = [...objects.map((object) => ({ type: 'ADDED', object })), mark]
  for (const event of events) yield* text(`${JSON.stringify(event)}\n`)
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
  if (signal.aborted) reject(new Error('aborted'))
  await promise
}

async function* text(said: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(said)
}
