import type { ContainerFacts, ContainerRole, ProbeFacts } from '@hermod/contracts'
import type { V1Container, V1PodTemplateSpec, V1Probe } from '@kubernetes/client-node'
import { clipText } from './clip-text.ts'
import type { Wire } from './wire.ts'

/** Containers that are told one by one; the digest of the whole template covers any beyond. */
export const mostContainers = 30
const mostEnvNames = 150
const mostResources = 20
// Of all containers together, as JSON: dedupe keeps several templates of one Deployment in one value.
const mostInClear = 32 * 1024

export interface ContainerOfTemplate {
  readonly container: Wire<V1Container>
  readonly role: ContainerRole
}

/** Regular containers first: the first of them gives the version that people read. */
export function eachContainer({ spec }: Wire<V1PodTemplateSpec>): readonly ContainerOfTemplate[] {
  const regular = (spec?.containers ?? []).map((container) => ({ container, role: 'container' as const }))
  const init = (spec?.initContainers ?? []).map((container) => ({
    container,
    role: container.restartPolicy === 'Always' ? ('sidecar' as const) : ('init' as const),
  }))
  return [...regular, ...init]
}

/** What may be said in clear of each container, bounded; of those beyond the bound it is the image alone. */
export function containerFacts(template: Wire<V1PodTemplateSpec>): ContainerFacts[] {
  let left = mostInClear
  return eachContainer(template)
    .slice(0, mostContainers)
    .map(factsOf)
    .map((facts) => {
      left -= JSON.stringify(facts).length
      return left >= 0 ? facts : { ...facts, envNames: [], requests: {}, limits: {}, probes: [] }
    })
}

function factsOf({ container, role }: ContainerOfTemplate): ContainerFacts {
  return {
    name: container.name ?? '?',
    role,
    image: clipText(container.image ?? ''),
    envNames: (container.env ?? []).slice(0, mostEnvNames).map(({ name }) => clipText(name ?? '', 100)),
    requests: quantities(container.resources?.requests),
    limits: quantities(container.resources?.limits),
    probes: [
      ...probe('liveness', container.livenessProbe),
      ...probe('readiness', container.readinessProbe),
      ...probe('startup', container.startupProbe),
    ],
  }
}

function quantities(
  of: Readonly<Record<string, string | null | undefined>> | null | undefined,
): Record<string, string> {
  const entries = Object.entries(of ?? {}).slice(0, mostResources)
  return Object.fromEntries(entries.map(([resource, quantity]) => [resource, String(quantity)]))
}

// The defaults are the API's own: kubernetes 1.36 pkg/apis/core/v1/defaults.go SetDefaults_Probe.
function probe(kind: ProbeFacts['kind'], of: Wire<V1Probe> | null | undefined): ProbeFacts[] {
  if (!of) return []
  return [
    {
      kind,
      check: clipText(probeCheck(of), 200),
      initialDelaySeconds: of.initialDelaySeconds ?? 0,
      periodSeconds: of.periodSeconds ?? 10,
      timeoutSeconds: of.timeoutSeconds ?? 1,
      failureThreshold: of.failureThreshold ?? 3,
    },
  ]
}

function probeCheck({ httpGet, tcpSocket, grpc }: Wire<V1Probe>): string {
  if (httpGet)
    return `${httpGet.scheme === 'HTTPS' ? 'HTTPS ' : ''}GET ${httpGet.path ?? '/'}:${String(httpGet.port)}`
  if (tcpSocket) return `TCP :${String(tcpSocket.port)}`
  if (grpc) return `gRPC :${grpc.port}${grpc.service ? ` ${grpc.service}` : ''}`
  return 'exec'
}
