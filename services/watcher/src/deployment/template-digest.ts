import type { TemplateFacts } from '@hermod/contracts'
import type { V1Container, V1PodTemplateSpec } from '@kubernetes/client-node'
import { canonicalJson } from './canonical-json.ts'
import { containerFacts, eachContainer, mostContainers } from './container-facts.ts'
import type { Wire } from './wire.ts'

/** Raised whenever what is digested changes: digests of different versions are not compared. */
const digestVersion = 1

/** A keyed hash: values of env can be neither read out of a digest nor guessed without its key. */
export interface Digester {
  readonly keyId: string
  readonly digest: (text: string) => string
}

const restartedAt = 'kubectl.kubernetes.io/restartedAt'
const podTemplateHash = 'pod-template-hash'

/** What the template says in clear, and keyed digests of the rest of it: together they leave no field out. */
export function templateFacts(template: Wire<V1PodTemplateSpec>, digester: Digester): TemplateFacts {
  return {
    digest: templateDigest(template, digester),
    aspects: aspectDigests(template, digester),
    keyId: digester.keyId,
    digestVersion,
    containers: containerFacts(template),
  }
}

/**
 * One digest of the whole template. The label that the controller puts on a ReplicaSet's copy of it is left
 * out, so that a Deployment and its new ReplicaSet agree (kubernetes 1.36 pkg/controller/deployment/util
 * EqualIgnoreHash).
 */
export function templateDigest(template: Wire<V1PodTemplateSpec>, digester: Digester): string {
  const { [podTemplateHash]: _, ...labels } = template.metadata?.labels ?? {}
  const metadata = { ...template.metadata, labels: Object.keys(labels).length > 0 ? labels : null }
  return digester.digest(canonicalJson({ ...template, metadata }))
}

function aspectDigests(template: Wire<V1PodTemplateSpec>, digester: Digester): Record<string, string> {
  const { containers: _, initContainers: __, volumes, ...podRest } = template.spec ?? {}
  const { [restartedAt]: restarted, ...annotations } = template.metadata?.annotations ?? {}
  const aspects: Record<string, unknown> = { volumes, restartedAt: restarted }
  const all = eachContainer(template)
  for (const { container } of all.slice(0, mostContainers)) {
    for (const [aspect, value] of containerAspects(container)) aspects[`${aspect}/${container.name}`] = value
  }
  aspects['rest'] = {
    ...template,
    metadata: { ...template.metadata, annotations },
    spec: podRest,
    order: all.map(({ container, role }) => `${role}/${container.name}`),
    beyond: all.slice(mostContainers),
  }
  const digests = Object.entries(aspects).map(([aspect, value]) => [aspect, canonicalJson(value)] as const)
  return Object.fromEntries(
    digests.flatMap(([aspect, json]) => (isEmpty(json) ? [] : [[aspect, digester.digest(json)]])),
  )
}

function isEmpty(json: string): boolean {
  return json === '{}' || json === 'null' || json === '[]'
}

function containerAspects(container: Wire<V1Container>): [string, unknown][] {
  const { name: _, image, command, args, env, envFrom, resources, ...others } = container
  const { livenessProbe, readinessProbe, startupProbe, ...rest } = others
  return [
    ['image', image],
    ['command', { command, args }],
    ['env', { env, envFrom }],
    ['resources', resources],
    ['probes', { livenessProbe, readinessProbe, startupProbe }],
    ['rest', rest],
  ]
}
