import type { DeploymentObservation, GitFacts, TemplateFacts } from '@hermod/contracts'
import type { V1Deployment } from '@kubernetes/client-node'
import { ownAnnotations } from './annotation-problems.ts'
import { clipText } from './clip-text.ts'
import { conditionFacts } from './condition-facts.ts'
import { lastTemplateWriter } from './field-manager.ts'
import { type Digester, templateFacts } from './template-digest.ts'
import type { Wire } from './wire.ts'

/** What one Deployment says by itself: an observation without its cluster, its namespace and its pods. */
export type DeploymentFacts = Pick<
  DeploymentObservation,
  | 'namespace'
  | 'name'
  | 'uid'
  | 'creationTimestamp'
  | 'deletionTimestamp'
  | 'resourceVersion'
  | 'generation'
  | 'observedGeneration'
  | 'revision'
  | 'replicas'
  | 'paused'
  | 'conditions'
  | 'strategy'
  | 'minReadySeconds'
  | 'progressDeadlineSeconds'
  | 'template'
  | 'annotations'
  | 'team'
  | 'git'
  | 'changeCause'
  | 'changedBy'
>

export interface ObserveOptions {
  readonly digester: Digester
  /** Annotations that name commit and repository, on the Deployment or else on its pod template. */
  readonly commitShaAnnotation: string
  readonly repoUrlAnnotation: string
  /** The facts before: a generation has one template, so its digests need no second computing. */
  readonly before?: Pick<DeploymentFacts, 'uid' | 'generation' | 'template'> | undefined
}

/** Reads what we keep out of a Deployment; nothing of the object stays alive through it. */
export function observeDeployment(deployment: Wire<V1Deployment>, options: ObserveOptions): DeploymentFacts {
  const { metadata, spec, status } = deployment
  const { before } = options
  const uid = metadata?.uid ?? ''
  const generation = metadata?.generation ?? 0
  const sameTemplate = before?.uid === uid && before.generation === generation
  const annotations = metadata?.annotations ?? {}
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid,
    creationTimestamp: metadata?.creationTimestamp ?? '',
    ...given('deletionTimestamp', metadata?.deletionTimestamp),
    resourceVersion: metadata?.resourceVersion ?? '',
    generation,
    observedGeneration: status?.observedGeneration ?? 0,
    ...given('revision', annotations['deployment.kubernetes.io/revision']),
    replicas: {
      wanted: spec?.replicas ?? 1,
      total: status?.replicas ?? 0,
      updated: status?.updatedReplicas ?? 0,
      ready: status?.readyReplicas ?? 0,
      available: status?.availableReplicas ?? 0,
      unavailable: status?.unavailableReplicas ?? 0,
    },
    paused: spec?.paused ?? false,
    conditions: conditionFacts(status?.conditions),
    strategy: spec?.strategy?.type ?? 'RollingUpdate',
    minReadySeconds: spec?.minReadySeconds ?? 0,
    ...given('progressDeadlineSeconds', spec?.progressDeadlineSeconds),
    template: sameTemplate ? before.template : readTemplate(deployment, options.digester),
    annotations: ownAnnotations(annotations),
    ...given('team', clipped(spec?.template?.metadata?.labels?.['app.dbc.dk/team'])),
    git: gitFacts(deployment, options),
    ...given('changeCause', clipped(annotations['kubernetes.io/change-cause'])),
    ...given('changedBy', lastTemplateWriter(metadata?.managedFields)),
  }
}

function readTemplate({ spec }: Wire<V1Deployment>, digester: Digester): TemplateFacts {
  return templateFacts(spec?.template ?? {}, digester)
}

function gitFacts({ metadata, spec }: Wire<V1Deployment>, options: ObserveOptions): GitFacts {
  const read = (annotation: string): string | undefined =>
    clipped(metadata?.annotations?.[annotation] || spec?.template?.metadata?.annotations?.[annotation])
  return {
    ...given('sha', read(options.commitShaAnnotation)),
    ...given('repo', read(options.repoUrlAnnotation)),
  }
}

function clipped(text: string | null | undefined): string | undefined {
  return text ? clipText(text) : undefined
}

function given<K extends string, V>(key: K, value: V | null | undefined): { readonly [P in K]?: V } {
  // A computed key widens to string in TypeScript; the object is exactly what the return type says.
  return (value === null || value === undefined ? {} : { [key]: value }) as { [P in K]?: V }
}
