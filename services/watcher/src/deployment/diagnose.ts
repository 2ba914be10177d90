import type { Cause, ContainerFacts, DeploymentCondition, Diagnosis, ReplicaCounts } from '@hermod/contracts'
import type { PodFacts, Trouble } from './pod-facts.ts'
import type { WarningFacts } from './warning-facts.ts'

/** All that explains one open rollout. */
export interface Evidence {
  readonly replicas: ReplicaCounts
  /** Those that speak of the new ReplicaSet. */
  readonly conditions: readonly DeploymentCondition[]
  /** Of the template: an Event names a container and no more. */
  readonly containers: readonly ContainerFacts[]
  readonly newPods: readonly PodFacts[]
  readonly oldPods: readonly PodFacts[]
  /** Warning Events by pod uid, of the pods that stand out. */
  readonly warnings: ReadonlyMap<string, readonly WarningFacts[]>
}

const mostCauses = 3

// Later names of a row say the same as the earlier ones, a step further on: pods of one rollout pass through
// them at different times, and it is still one cause.
const families: readonly (readonly string[])[] = [
  ['ErrImagePull', 'ImagePullBackOff'],
  ['ContainerCannotRun', 'StartError', 'Completed', 'Error', 'OOMKilled', 'CrashLoopBackOff'],
]

/** The worst causes with their counts; undefined when nothing is wrong. */
export function diagnose(evidence: Evidence): Diagnosis | undefined {
  const { newPods, oldPods } = evidence
  const groups = new Map<string, Cause>()
  for (const pod of newPods) {
    for (const [family, trouble] of worstOfEachFamily(troublesOf(pod, evidence))) {
      groups.set(family, merged(groups.get(family), trouble))
    }
  }
  const causes = [...refusals(evidence), ...[...groups.values()].sort(byWeight)].slice(0, mostCauses)
  const [first] = causes
  if (first === undefined) return undefined
  const alike = oldPods.filter(({ troubles }) =>
    troubles.some((trouble) => family(trouble) === family(first)),
  )
  return { causes, newPods: newPods.length, oldPods: oldPods.length, oldPodsFailingAlike: alike.length }
}

/** Equal for two diagnoses that say the same, but for numbers of pods, texts and times. */
export function kindOfDiagnosis(diagnosis: Diagnosis | undefined): string {
  if (diagnosis === undefined) return ''
  const causes = diagnosis.causes.map(({ reason, container, restarts }) => [
    reason,
    container?.name,
    Math.min(restarts, 2),
  ])
  return JSON.stringify([causes, diagnosis.oldPodsFailingAlike > 0])
}

/**
 * Equal for two diagnoses of one nature: a pull that fails goes back and forth between ErrImagePull and
 * ImagePullBackOff for ever, and nothing has changed.
 */
export function natureOfDiagnosis(diagnosis: Diagnosis | undefined): string {
  return (diagnosis?.causes ?? []).map(family).sort().join('\n')
}

// Status says more than Events do; but of a container that a probe had killed, no more than how it ended.
function troublesOf({ troubles, uid }: PodFacts, { warnings, containers }: Evidence): readonly Trouble[] {
  const telling = (warnings.get(uid) ?? []).filter((each) => troubles.length === 0 || isKillingProbe(each))
  const told = telling.map(({ reason, message, container, since }) => ({
    reason,
    message,
    restarts: 0,
    ...(container && { container: named(container, containers) }),
    ...(since && { since }),
  }))
  return [...troubles, ...told]
}

// kubernetes 1.36 pkg/kubelet/prober/prober.go: a readiness probe that fails kills nothing.
function isKillingProbe({ reason, message }: WarningFacts): boolean {
  return reason === 'Unhealthy' && /^(Liveness|Startup) probe /.test(message)
}

function named(
  { name, role }: NonNullable<WarningFacts['container']>,
  containers: readonly ContainerFacts[],
): NonNullable<Trouble['container']> {
  const told = containers.find((container) => container.name === name)
  return { name, role: told?.role ?? role, image: told?.image ?? '' }
}

function worstOfEachFamily(troubles: readonly Trouble[]): ReadonlyMap<string, Trouble> {
  return new Map(troubles.map((trouble) => [family(trouble), trouble]))
}

function family({ reason, container }: Trouble): string {
  const row = families.findIndex((names) => names.includes(reason))
  return `${row < 0 ? reason : row} ${container?.role ?? ''} ${container?.name ?? ''}`
}

function merged(group: Cause | undefined, trouble: Trouble): Cause {
  if (group === undefined) return { ...trouble, pods: 1 }
  const said = step(trouble.reason) > step(group.reason) ? trouble : group
  const since = earlier(group.since, trouble.since)
  const last = later(group, trouble).lastTermination
  return {
    reason: said.reason,
    message: said.message,
    pods: group.pods + 1,
    ...(said.container && { container: said.container }),
    restarts: Math.max(group.restarts, trouble.restarts),
    ...(last && { lastTermination: last }),
    ...(since && { since }),
  }
}

function step(reason: string): number {
  return Math.max(...families.map((names) => names.indexOf(reason)))
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}

function later(a: Trouble, b: Trouble): Trouble {
  return (a.lastTermination?.finishedAt ?? '') >= (b.lastTermination?.finishedAt ?? '') && a.lastTermination
    ? a
    : b
}

function byWeight(a: Cause, b: Cause): number {
  return b.pods - a.pods || b.restarts - a.restarts || (a.reason < b.reason ? -1 : 1)
}

// No pod could be created at all: a condition is the only witness.
function refusals({ conditions, replicas }: Evidence): Cause[] {
  return conditions
    .filter(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
    .map(({ reason, message, lastTransitionTime: since }) => ({
      reason: reason || 'ReplicaFailure',
      message,
      pods: Math.max(0, replicas.wanted - replicas.updated),
      restarts: 0,
      ...(since && { since }),
    }))
}
