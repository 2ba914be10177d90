import type { Logger } from '@hermod/runtime'
import type { V1Deployment } from '@kubernetes/client-node'
import type { ApiHealth } from './api-health.ts'
import { readApiObject } from './api-server/api-object.ts'
import type { ApiTransport } from './api-server/api-transport.ts'
import type { Change } from './api-server/known-objects.ts'
import { reflect } from './api-server/reflector.ts'
import type { Ending } from './api-server/reflector-state.ts'
import { type DeploymentFacts, observeDeployment } from './deployment/observe.ts'
import type { Digester } from './deployment/template-digest.ts'
import { asWire } from './deployment/wire.ts'
import type { DeploymentLedger, Seen } from './deployment-ledger.ts'
import type { ObservationLines } from './publish-observations.ts'

const longestSpec = 128 * 1024

export interface DeploymentReading {
  readonly transport: ApiTransport
  readonly ledger: DeploymentLedger
  readonly digesterOf: (deploymentUid: string) => Digester
  readonly commitShaAnnotation: string
  readonly repoUrlAnnotation: string
  /** Full specs are wanted for the cache. */
  readonly withSpec: boolean
  readonly log: Logger
  readonly signal: AbortSignal
}

export interface DeploymentWatch extends DeploymentReading {
  /** All namespaces where none is given. */
  readonly namespace?: string
  readonly lines: ObservationLines
  readonly health: ApiHealth
  /** Everything was listed that the watch may have missed. */
  readonly caughtUp: () => void
  /** It may be read (no longer). */
  readonly allowed: (allowed: boolean) => void
}

/** Feeds the ledger from the watch, for as long as what waits to be published leaves room. */
export async function watchDeployments(watch: DeploymentWatch): Promise<void> {
  const { transport, namespace, ledger, lines, health, signal, caughtUp, allowed } = watch
  const collection = { resource: 'deployments', namespace } as const
  const reflector = reflect<Seen>({
    transport,
    path: pathOf(namespace),
    project: newsOf(watch),
    unreadable: (object, error) => health.unreadable(collection, object, error),
    signal,
  })
  for await (const reflected of reflector) {
    health.note(collection, reflected)
    switch (reflected.kind) {
      case 'changes':
        for (const change of reflected.changes) take(change, ledger, reflected.readAt)
        ledger.lookIntoOpen()
        await lines.room()
        break
      case 'listed':
        allowed(true)
        // What a periodic list finds has been published one by one; only a gap is told as a whole.
        if (reflected.cause === 'start' || reflected.cause === 'gap') caughtUp()
        break
      case 'ended':
        // Without failures it was the watch alone that is forbidden.
        if (isForbidden(reflected.ending) && reflected.next.failures > 0) allowed(false)
        break
      case 'opened':
        break
    }
  }
}

/** Lists every Deployment once more, for the specs that a lost stream took along. */
export async function readSpecs(reading: DeploymentReading, namespace?: string): Promise<void> {
  const { transport, ledger, signal } = reading
  const reflector = reflect<Seen>({
    transport,
    path: pathOf(namespace),
    project: projectionOf(reading, () => true),
    unreadable: () => undefined,
    signal,
  })
  for await (const reflected of reflector) {
    if (reflected.kind === 'listed') return
    if (reflected.kind !== 'changes') continue
    for (const { object } of reflected.changes) if (object !== undefined) ledger.tellSpecOf(object)
  }
}

function isForbidden(ending: Ending): boolean {
  return ending.kind === 'status' && ending.status === 403
}

function take({ kind, identity, object }: Change<Seen>, ledger: DeploymentLedger, readAt: number): void {
  if (kind === 'deleted') ledger.gone(identity, object?.facts, readAt)
  else if (object !== undefined) ledger.see(object, readAt)
}

type Projection = (object: unknown) => Seen | undefined

// A list mostly shows again what is known; and a generation tells its spec once.
function newsOf(reading: DeploymentReading): Projection {
  const project = projectionOf(reading, (before, now) => {
    return reading.withSpec && (before?.uid !== now.uid || before.generation !== now.generation)
  })
  return (object) => {
    const known = readApiObject(object)
    return known !== undefined && reading.ledger.knows(known) ? undefined : project(object)
  }
}

function projectionOf(
  { ledger, digesterOf, commitShaAnnotation, repoUrlAnnotation, log }: DeploymentReading,
  wantsSpec: (before: DeploymentFacts | undefined, now: DeploymentFacts) => boolean,
): Projection {
  return (object) => {
    const deployment = asWire<V1Deployment>(object)
    const { namespace = '', name = '', uid } = deployment.metadata ?? {}
    const before = ledger.get(namespace ?? '', name ?? '')
    const digester = digesterOf(uid ?? '')
    const facts = observeDeployment(deployment, { digester, commitShaAnnotation, repoUrlAnnotation, before })
    if (!wantsSpec(before, facts)) return { facts }
    const spec = JSON.stringify(deployment.spec ?? {})
    const bytes = Buffer.byteLength(spec)
    if (bytes <= longestSpec) return { facts, spec }
    log.warn({ namespace, deployment: name, bytes, longestSpec }, 'a spec is too large for the cache')
    return { facts }
  }
}

function pathOf(namespace: string | undefined): string {
  return namespace === undefined
    ? '/apis/apps/v1/deployments'
    : `/apis/apps/v1/namespaces/${namespace}/deployments`
}
