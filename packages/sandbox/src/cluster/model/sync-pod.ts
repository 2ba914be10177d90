/** Scheduler and node of the model: a pod found a node, given its volumes, then its containers play their plans. */
import { isDeepStrictEqual } from 'node:util'
import {
  backOffSeconds,
  containerCreated,
  describePod,
  type KubeletPlan,
  noNode,
  noVolume,
} from '@hermod/testkit'
import type { ContainerLife, PodLife } from './cluster-state.ts'
import { playContainer } from './container-life.ts'
import type { Draft } from './draft.ts'
import { say } from './events.ts'
import type { Pod } from './objects.ts'

const node = 'sandbox-node'
const usualSpeed = 50

export function syncPod(draft: Draft, namespace: string, name: string): void {
  const pod = draft.get('Pod', namespace, name)
  if (!pod || pod.metadata.deletionTimestamp !== undefined) return
  const life = lifeOf(draft, pod)
  draft.setLife(pod.metadata.uid, life)
  if (pod.spec.nodeName === undefined) return findNode(draft, pod, life)
  if (!life.state.sandbox) return makeSandbox(draft, pod, life)
  playContainers(draft, pod, life)
}

/** What is planned for it now. */
export function planOf(draft: Draft, pod: Pod): KubeletPlan {
  return draft.options.planPod?.(pod) ?? { outcome: 'ready' }
}

// A plan that changed starts anew, with the containers as they are.
function lifeOf(draft: Draft, pod: Pod): PodLife {
  const plan = planOf(draft, pod)
  const life = draft.lifeOf(pod.metadata.uid)
  if (life && isDeepStrictEqual(plan, life.plan)) return life
  const state = life?.state ?? { sandbox: false, containers: new Map() }
  return { plan, state, failures: 0, containers: new Map() }
}

function findNode(draft: Draft, pod: Pod, life: PodLife): void {
  if (life.plan.outcome !== 'unschedulable') {
    const bound = draft.write(pod, { ...pod, spec: { ...pod.spec, nodeName: node } })
    return lookAgain(draft, bound, 1)
  }
  const unschedulable = life.plan.message ?? noNode
  say(draft, pod, 'Warning', 'FailedScheduling', unschedulable, { component: 'default-scheduler' })
  waitWith(draft, pod, life, { unschedulable })
}

function makeSandbox(draft: Draft, pod: Pod, life: PodLife): void {
  const { initContainers = [], containers } = pod.spec
  const creating = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const all = [...initContainers, ...containers]
  const waiting = new Map(all.map((container) => [container.name, containerCreated(container, creating)]))
  const created = { unschedulable: undefined, containers: waiting }
  if (life.plan.outcome === 'mount-fails') {
    say(draft, pod, 'Warning', 'FailedMount', life.plan.message ?? noVolume)
    return waitWith(draft, pod, life, created)
  }
  const state = { ...life.state, ...created, sandbox: true }
  draft.setLife(pod.metadata.uid, { ...life, state })
  lookAgain(draft, writeStatus(draft, pod, state), 1)
}

function waitWith(draft: Draft, pod: Pod, life: PodLife, change: Partial<PodLife['state']>): void {
  const failures = life.failures + 1
  const state = { ...life.state, ...change }
  draft.setLife(pod.metadata.uid, { ...life, failures, state })
  lookAgain(draft, writeStatus(draft, pod, state), (backOffSeconds(failures) * 1_000) / speedOf(draft))
}

/** Init containers one by one, then all others at once: each whose beat has come plays it. */
function playContainers(draft: Draft, pod: Pod, life: PodLife): void {
  const { initContainers = [], containers } = pod.spec
  const known = new Map(life.state.containers)
  const lives = new Map(life.containers)
  const init = initContainers.find(({ name }) => known.get(name)?.state.terminated?.exitCode !== 0)
  for (const container of init ? [init] : containers) {
    const { name } = container
    const before: ContainerLife = lives.get(name) ?? { beat: 0, failures: 0, atMs: 0 }
    if (before.atMs > draft.nowMs) continue
    const status = known.get(name) ?? containerCreated(container, 'ContainerCreating')
    const role = { pod, container, status, init: init !== undefined, now: draft.now }
    const played = playContainer(role, life.plan, before, speedOf(draft))
    if (played.status) known.set(name, played.status)
    const waitMs = init && played.status?.ready ? 0 : Math.max(1, played.waitMs)
    lives.set(name, { ...played.life, atMs: draft.nowMs + waitMs })
    const fieldPath = `spec.${init ? 'initContainers' : 'containers'}{${name}}`
    for (const { type, reason, message } of played.says ?? [])
      say(draft, pod, type, reason, message, { fieldPath })
  }
  const state = { ...life.state, containers: known }
  draft.setLife(pod.metadata.uid, { ...life, state, containers: lives })
  const written = writeStatus(draft, pod, state)
  const initDone = init !== undefined && known.get(init.name)?.ready === true
  const nextMs = Math.min(...containers.map(({ name }) => lives.get(name)?.atMs ?? Number.POSITIVE_INFINITY))
  const initMs = init ? (lives.get(init.name)?.atMs ?? 0) : nextMs
  const atMs = initDone ? draft.nowMs + 1 : initMs
  if (Number.isFinite(atMs)) lookAgain(draft, written, atMs - draft.nowMs)
}

function writeStatus(draft: Draft, pod: Pod, state: PodLife['state']): Pod {
  const status = describePod(pod, state, pod.status.conditions ?? [], draft.now)
  return draft.write(pod, { ...pod, status })
}

function lookAgain(draft: Draft, { metadata }: Pod, delayMs: number): void {
  draft.schedule(
    { controller: 'Pod', namespace: metadata.namespace ?? '', name: metadata.name },
    delayMs,
    ' again',
  )
}

function speedOf({ options }: Draft): number {
  return options.speed ?? usualSpeed
}
