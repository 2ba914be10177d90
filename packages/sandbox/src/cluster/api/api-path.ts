import { apiVersions, type Kind, type Kinds, plurals } from '../model/objects.ts'

export interface ApiPath {
  readonly kind: Kind
  /** Undefined for all namespaces, and for what is in none. */
  readonly namespace: string | undefined
  /** Undefined for the collection. */
  readonly name: string | undefined
}

const kindsByPlural = new Map(
  (Object.entries(plurals) as [keyof Kinds, string][]).map(([kind, plural]) => [
    `${apiVersions[kind] === 'v1' ? '/api/v1' : '/apis/apps/v1'} ${plural}`,
    kind,
  ]),
)

/** Undefined for a path that leads nowhere. */
export function parseApiPath(pathname: string): ApiPath | undefined {
  const [, group = '', rest = ''] = /^(\/api\/v1|\/apis\/apps\/v1)\/(.+?)\/?$/.exec(pathname) ?? []
  const steps = rest.split('/').map(decodeURIComponent)
  const namespaced = steps[0] === 'namespaces' && steps.length > 2
  const [plural = '', name, ...more] = namespaced ? steps.slice(2) : steps
  const kind = kindsByPlural.get(`${group} ${plural}`)
  if (kind === undefined || more.length > 0) return undefined
  if (name !== undefined && !namespaced && kind !== 'Namespace') return undefined
  return { kind, namespace: namespaced ? steps[1] : undefined, name }
}
