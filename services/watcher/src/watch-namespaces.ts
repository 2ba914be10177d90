import { sleep } from '@hermod/runtime'
import type { V1Namespace } from '@kubernetes/client-node'
import type { ApiHealth } from './api-health.ts'
import type { ApiTransport } from './api-server/api-transport.ts'
import { readJson } from './api-server/read-json.ts'
import { reflect } from './api-server/reflector.ts'
import { ownAnnotations } from './deployment/annotation-problems.ts'
import { asWire } from './deployment/wire.ts'
import type { Scope, ScopeChange } from './scope.ts'

const readAgainMs = 60_000
const tryAgainMs = 1_000

export interface NamespaceWatch {
  readonly transport: ApiTransport
  readonly scope: Scope
  readonly health: ApiHealth
  readonly signal: AbortSignal
  /** A namespace entered or left the scope; not told of what the first list shows. */
  readonly changed: (change: ScopeChange) => void
  /** The scope is known. */
  readonly listed: () => void
}

/** Follows the annotations of every Namespace. */
export async function watchNamespaces({
  transport,
  scope,
  health,
  signal,
  changed,
  listed,
}: NamespaceWatch): Promise<void> {
  let started = false
  const project = (object: unknown): Record<string, string> =>
    ownAnnotations(asWire<V1Namespace>(object).metadata?.annotations)
  const collection = { resource: 'namespaces' } as const
  const unreadable = (object: unknown, error: unknown): void => health.unreadable(collection, object, error)
  const path = '/api/v1/namespaces'
  for await (const reflected of reflect({ transport, path, project, unreadable, signal })) {
    health.note(collection, reflected)
    if (reflected.kind === 'listed' && !started) {
      started = true
      listed()
    }
    if (reflected.kind !== 'changes') continue
    for (const { kind, identity, object } of reflected.changes) {
      const change = kind === 'changed' ? scope.stands(identity.name, object) : scope.gone(identity.name)
      if (change !== undefined && started) changed(change)
    }
  }
}

/**
 * Reads the annotations of the named namespaces alone, each once a minute; what is refused stays unknown. Nothing is
 * told before each was answered: without its annotations a namespace is told to the wrong channel.
 */
export async function readNamespaces(
  names: readonly string[],
  { transport, scope, signal, changed, listed }: NamespaceWatch,
): Promise<void> {
  const isAnswered = async (name: string): Promise<boolean> => {
    const answer = await readJson(transport, { path: `/api/v1/namespaces/${name}`, query: {}, signal }).catch(
      () => undefined,
    )
    if (answer === undefined || (answer.kind === 'refused' && ![403, 404].includes(answer.status)))
      return false
    const change =
      answer.kind === 'ok'
        ? scope.stands(name, ownAnnotations(asWire<V1Namespace>(answer.body).metadata?.annotations))
        : scope.gone(name)
    if (change !== undefined) changed(change)
    return true
  }
  while (!signal.aborted) {
    for (const name of names) {
      while (!(await isAnswered(name)) && !signal.aborted) await sleep(tryAgainMs, signal)
    }
    if (!signal.aborted) listed()
    await sleep(readAgainMs, signal)
  }
}

/** Whether all Namespaces and Deployments may be listed. Throws when the server gives no clear answer. */
export async function mayListEverywhere(transport: ApiTransport, signal: AbortSignal): Promise<boolean> {
  for (const path of ['/api/v1/namespaces', '/apis/apps/v1/deployments']) {
    const answer = await readJson(transport, { path, query: { limit: '1' }, signal })
    if (answer.kind === 'ok') continue
    if (answer.status === 403) return false
    throw new Error(`${answer.status} ${answer.message}`)
  }
  return true
}
