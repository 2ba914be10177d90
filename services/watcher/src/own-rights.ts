import { field, text } from './api-server/api-object.ts'
import type { ApiTransport } from './api-server/api-transport.ts'

/** One verb on one resource. */
export interface Right {
  readonly verb: 'get' | 'list' | 'watch'
  /** '' for the core group. */
  readonly group: string
  readonly resource: string
  /** All of them if absent. */
  readonly namespace?: string
}

/** Whether the API server lets us: a SelfSubjectAccessReview, which everybody who is known may ask for. */
export async function mayWe(transport: ApiTransport, right: Right, signal: AbortSignal): Promise<boolean> {
  const { verb, group, resource, namespace } = right
  const resourceAttributes = { verb, group, resource, ...(namespace !== undefined && { namespace }) }
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  }
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const { status, body } = await transport.request({ path, query: {}, signal, body: JSON.stringify(review) })
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const answer = Buffer.concat(chunks).toString('utf8')
  if (status !== 201) throw new Error(`the API server answers ${status} to a question about our rights`)
  return field(field(JSON.parse(answer), 'status'), 'allowed') === true
}

/** `list pods in shop`, as a remedy names it. */
export function describeRight({ verb, group, resource, namespace }: Right): string {
  return `${verb} ${text(group) === '' ? resource : `${resource}.${group}`}${namespace === undefined ? '' : ` in ${namespace}`}`
}
