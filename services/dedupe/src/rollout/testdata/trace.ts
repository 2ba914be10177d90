import type { Cause, DeploymentObservation, Diagnosis } from '@hermod/contracts'
import { advance } from '../rollout-state-machine.ts'
import type { Step, Tracked } from '../rollout.ts'

/** When every trace begins, in stream time. */
export const beganMs: number = Date.parse('2026-11-22T12:00:00Z')

/** `web`, two pods of template A, long complete. */
export const settled: DeploymentObservation = {
  kind: 'observation',
  version: 1,
  cluster: 'prod',
  namespace: 'shop',
  name: 'web',
  uid: 'uid1',
  creationTimestamp: '2026-11-01T00:00:00Z',
  deleted: false,
  resourceVersion: '100',
  generation: 1,
  observedGeneration: 1,
  revision: '1',
  replicas: { wanted: 2, total: 2, updated: 2, ready: 2, available: 2, unavailable: 0 },
  paused: false,
  conditions: [progressing('NewReplicaSetAvailable', 'A', beganMs - 3_600_000)],
  strategy: 'RollingUpdate',
  minReadySeconds: 0,
  progressDeadlineSeconds: 600,
  template: templateOf('A'),
  changedBy: writtenAt(Date.parse('2026-11-01T00:00:00Z')),
  annotations: {},
  namespaceListed: false,
  problems: [],
  git: {},
  occasion: 'changed',
  observedAt: new Date(beganMs).toISOString(),
}

/** An image, and an env value that follows it, per template letter; `A!` = A with other env, `A+` = A restarted. */
function templateOf(letters: string, keyId = 'key1'): DeploymentObservation['template'] {
  const [image = '', mark = ''] = letters
  const sealed = (text: string): string => `${keyId}(${text})`
  return {
    digest: sealed(letters),
    aspects: {
      'image/app': sealed(image),
      'env/app': sealed(mark === '!' ? 'other' : 'usual'),
      ...(mark === '+' && { restartedAt: sealed('now') }),
    },
    keyId,
    digestVersion: 1,
    containers: [
      {
        name: 'app',
        role: 'container',
        image: `registry.example/web:${image}`,
        envNames: ['MODE'],
        requests: {},
        limits: { memory: '256Mi' },
        probes: [],
      },
    ],
  }
}

function progressing(reason: string, letters: string, atMs: number): DeploymentObservation['conditions'][number] {
  const status = /Exceeded|Error/.test(reason) ? 'False' : /Paused|Resumed/.test(reason) ? 'Unknown' : 'True'
  const lastUpdateTime = clusterTime(atMs)
  const message = status === 'Unknown' ? reason : `ReplicaSet "web-${letters}" says ${reason}.`
  return { type: 'Progressing', status, reason, message, lastUpdateTime }
}

function writtenAt(ms: number): NonNullable<DeploymentObservation['changedBy']> {
  return { manager: 'ci', operation: 'Update', time: clusterTime(ms) }
}

/** Kubernetes dates in whole seconds. */
function clusterTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/**
 * Reads a trace in the words of the real controller's events, one observation a line: milliseconds since the start,
 * then only what differs from the line before.
 * `gen2 obs2 rev2 s4` generation, observedGeneration, revision, spec.replicas · `R3 U1 rdy2 av2` counters (av sets rdy)
 * · `T=B` template · `rs` the template's ReplicaSet is known · `P=Reason/B` Progressing naming B's ReplicaSet, `P-` none
 * · `F=web-B` ReplicaFailure, `F-` none · `!Reason:pods:restarts` diagnosis, `+…` one more cause, `!-` none
 * · `paused resumed terminating DELETED` · `uid2` made anew · `deadline=3 key=k2` · `wrote=-9000` the template was written so long after the start · `snapshot again changed` occasion.
 */
export function trace(text: string, start: DeploymentObservation = settled): DeploymentObservation[] {
  const observations: DeploymentObservation[] = []
  let last = start
  for (const line of text.trim().split('\n')) {
    const [ms = '', ...words] = line.trim().split(/\s+/)
    const atMs = beganMs + Number(ms)
    const observedAt = new Date(atMs).toISOString()
    const looked: DeploymentObservation = { ...last, observedAt, occasion: 'changed' }
    last = words.reduce((seen, word) => changed(seen, word, atMs), looked)
    last = { ...last, resourceVersion: String(101 + observations.length) }
    observations.push(last)
  }
  return observations
}

const letterOf = ({ template }: DeploymentObservation): string => /\((.*)\)/.exec(template.digest)?.[1] ?? ''

function changed(seen: DeploymentObservation, word: string, atMs: number): DeploymentObservation {
  const [, key = '', value = ''] = /^(gen|obs|rev|rdy|av|uid|s|R|U|T=|P=|F=|!|\+|deadline=|key=|wrote=)(.+)$/.exec(word) ?? []
  const count = Number(value)
  const counters = (change: Partial<DeploymentObservation['replicas']>): DeploymentObservation => ({
    ...seen,
    replicas: { ...seen.replicas, ...change },
  })
  const condition = (type: string, now?: DeploymentObservation['conditions'][number]): DeploymentObservation => ({
    ...seen,
    conditions: [...seen.conditions.filter((one) => one.type !== type), ...(now ? [now] : [])],
  })
  switch (word) {
    case 'rs':
      return { ...seen, newReplicaSet: replicaSetOf(letterOf(seen), atMs) }
    case 'P-':
      return condition('Progressing')
    case 'F-':
      return condition('ReplicaFailure')
    case '!-':
      return { ...seen, diagnosis: undefined }
    case 'paused':
      return { ...seen, paused: true }
    case 'resumed':
      return { ...seen, paused: false }
    case 'terminating':
      return { ...seen, deletionTimestamp: new Date(atMs).toISOString() }
    case 'DELETED':
      return { ...seen, deleted: true }
    case 'snapshot':
    case 'again':
    case 'changed':
    case 'progress':
      return { ...seen, occasion: word }
  }
  switch (key) {
    case 'gen':
      return { ...seen, generation: count }
    case 'obs':
      return { ...seen, observedGeneration: count }
    case 'rev':
      return { ...seen, revision: value === '-' ? undefined : value }
    case 's':
      return counters({ wanted: count })
    case 'R':
      return counters({ total: count })
    case 'U':
      return counters({ updated: count })
    case 'rdy':
      return counters({ ready: count })
    case 'av':
      return counters({ ready: count, available: count })
    case 'T=': {
      const template = templateOf(value, seen.template.keyId)
      return { ...seen, template, newReplicaSet: undefined, changedBy: writtenAt(atMs) }
    }
    case 'key=':
      return { ...seen, template: templateOf(letterOf(seen), value) }
    case 'deadline=':
      return { ...seen, progressDeadlineSeconds: count }
    case 'wrote=':
      return { ...seen, changedBy: writtenAt(beganMs + count) }
    case 'uid':
      return { ...seen, uid: word, deleted: false, creationTimestamp: new Date(atMs).toISOString(), generation: 1 }
    case 'P=': {
      const [reason = '', letters = letterOf(seen)] = value.split('/')
      return condition('Progressing', progressing(reason, letters, atMs))
    }
    case 'F=': {
      const message = `pods "${value}-x7" is forbidden: exceeded quota`
      return condition('ReplicaFailure', { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message })
    }
    case '!': {
      const [reason = '', pods = '1', restarts = '0'] = value.split(':')
      return { ...seen, diagnosis: diagnosisOf(reason, Number(pods), Number(restarts)) }
    }
    case '+': {
      const [reason = '', pods = '1', restarts = '0'] = value.split(':')
      const more = diagnosisOf(reason, Number(pods), Number(restarts))
      return { ...seen, diagnosis: { ...more, causes: [...(seen.diagnosis?.causes ?? []), ...more.causes] } }
    }
  }
  throw new Error(`A trace knows no word ${JSON.stringify(word)}`)
}

function diagnosisOf(reason: string, pods: number, restarts: number): Diagnosis {
  const cause: Cause = { reason, message: `${reason}!`, pods, restarts }
  return { causes: [cause], newPods: pods, oldPods: 2, oldPodsFailingAlike: 0 }
}

// The first template's ReplicaSet is as old as the Deployment; any other was made when it was first seen.
function replicaSetOf(letters: string, atMs: number): NonNullable<DeploymentObservation['newReplicaSet']> {
  const madeAt = letters === 'A' ? settled.creationTimestamp : clusterTime(atMs)
  return { name: `web-${letters}`, uid: `rs-${letters}`, podTemplateHash: `hash-${letters}`, creationTimestamp: madeAt }
}

export interface Played {
  readonly tracked: Tracked | undefined
  readonly steps: readonly Step[]
  /** The kinds of all transitions, in order. */
  readonly said: string
}

/** Runs observations through `advance` at the stream times that their `observedAt` gives. */
export function play(
  observations: readonly DeploymentObservation[],
  { from, namespaceKnown = true }: { from?: Tracked | undefined; namespaceKnown?: boolean } = {},
): Played {
  let tracked = from
  const steps = observations.map((seen) => {
    const step = advance(tracked, seen, { nowMs: Date.parse(seen.observedAt), namespaceKnown })
    tracked = step.tracked
    return step
  })
  const said = steps.flatMap(({ transitions }) => transitions.map(({ kind }) => kind)).join(' ')
  return { tracked, steps, said }
}

/** The state of `settled` as the baseline of its namespace. */
export function baseline(seen: DeploymentObservation = settled): Tracked | undefined {
  return play([seen], { namespaceKnown: false }).tracked
}
