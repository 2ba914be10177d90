/** What the API server fills in, and what it does not take: kubernetes v1.36.3 pkg/apis/apps/{v1/defaults.go,validation}. */
import type { Deployment, PodTemplate } from './objects.ts'
import { Refusal } from './refusal.ts'

const usual = { maxSurge: '25%', maxUnavailable: '25%' }

/** Where it lacks what the defaults need, checkDeployment says so. */
export function withDefaults(deployment: Deployment): Deployment {
  const { paused, minReadySeconds, strategy, template, ...spec } = deployment.spec ?? {}
  const rolling = strategy?.type === 'Recreate' ? undefined : strategy?.rollingUpdate
  return {
    ...deployment,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      template: withPodDefaults(template),
      strategy:
        strategy?.type === 'Recreate'
          ? strategy
          : { type: 'RollingUpdate', rollingUpdate: { ...usual, ...rolling } },
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      progressDeadlineSeconds: spec.progressDeadlineSeconds ?? 600,
      // What is nothing is not kept: a template is compared as it is stored.
      ...(paused && { paused }),
      ...(minReadySeconds && { minReadySeconds }),
    },
  }
}

const containerDefaults = {
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
}

const podDefaults = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
}

type Containers = PodTemplate['spec']['containers']

function withPodDefaults(template: PodTemplate | undefined): PodTemplate {
  const { metadata, spec } = template ?? {}
  const { containers, initContainers, ...pod } = withoutEmptyLists(spec ?? {}) as Partial<PodTemplate['spec']>
  const filled = (list: Containers): Containers =>
    list.map((container) => ({
      ...containerDefaults,
      ...(withoutEmptyLists(container) as Containers[number]),
    }))
  return {
    ...(metadata && { metadata: withoutCreation(metadata) }),
    spec: {
      ...podDefaults,
      ...pod,
      containers: filled(containers ?? []),
      ...(initContainers && { initContainers: filled(initContainers) }),
    },
  }
}

function withoutEmptyLists(object: object): object {
  const kept = Object.entries(object).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  )
  return Object.fromEntries(kept)
}

function withoutCreation(
  metadata: NonNullable<PodTemplate['metadata']>,
): NonNullable<PodTemplate['metadata']> {
  const { creationTimestamp: _never, ...kept } = metadata as { creationTimestamp?: unknown }
  return kept
}

/** Throws Refusal. */
export function checkDeployment(name: string, { selector, template, replicas }: Deployment['spec']): void {
  const labels = template.metadata?.labels ?? {}
  const wanted = Object.entries(selector?.matchLabels ?? {})
  const problem =
    (wanted.length === 0 && 'spec.selector: Required value') ||
    (wanted.some(([label, value]) => labels[label] !== value) &&
      'spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`') ||
    (template.spec.containers.length === 0 && 'spec.template.spec.containers: Required value') ||
    (template.spec.containers.some(({ image }) => !image) &&
      'spec.template.spec.containers[0].image: Required value') ||
    (!(Number.isInteger(replicas) && replicas >= 0) &&
      'spec.replicas: Invalid value: must be greater than or equal to 0')
  if (problem) throw new Refusal(422, 'Invalid', `Deployment.apps "${name}" is invalid: ${problem}`)
}
