import type {
  Change,
  ChangeClass,
  ContainerFacts,
  DeploymentObservation,
  EnvChange,
  ImageChange,
  ResourceChange,
} from '@hermod/contracts'
import { sameData } from './containers.ts'
import type { Inherited, TemplateRecord, Tracked } from './rollout.ts'
import { sameTemplate, templateRecord } from './template.ts'

const none = { images: [], env: [], resources: [], otherAspects: [] } as const

/** A Deployment that was not there before: all of it is new, so nothing is listed. */
export const newDeployment: Change = { ...none, classes: ['new-deployment'] }

/** Found on its way; what it was before is not known. */
export const unknownChange: Change = { ...none, classes: [] }

/** What the new template changes, held against the last that worked; if it is that one again, against the one before. */
export function changeOf(before: Tracked, seen: DeploymentObservation): Change {
  const record = templateRecord(seen)
  const { good } = before.past
  const base =
    good && !sameTemplate(good.template, record)
      ? { record: good.template, containers: good.version.containers }
      : { record: before.template, containers: before.rollout.containers }
  const known = before.past.templates.findLast((past) => sameTemplate(past, record))
  const { containers } = seen.template
  const differing = differingAspects(base.record, record) ?? clearAspects(base.containers, containers)
  const change = {
    images: imageChanges(base.containers, containers),
    env: envChanges(base.containers, containers, differing),
    resources: resourceChanges(base.containers, containers),
    otherAspects: differing.filter((aspect) => !/^(image|env|resources|restartedAt)(\/|$)/.test(aspect)),
    rollbackTo: known?.revision,
  }
  return { ...change, classes: classesOf(change, differing, known !== undefined) }
}

/** Adds that it is a rollback once the ReplicaSet shows it: one that is older than the attempt before is reused. */
export function recognisedRollback(
  change: Change,
  { newReplicaSet }: DeploymentObservation,
  { since }: Inherited,
): Change {
  if (newReplicaSet === undefined || since === undefined || change.classes.includes('rollback')) return change
  if (newReplicaSet.creationTimestamp >= since) return change
  // creationTimestamp is cut to whole seconds.
  const older = Date.parse(newReplicaSet.creationTimestamp) + 2_000 <= Date.parse(since)
  return older ? { ...change, classes: [...change.classes, 'rollback'] } : change
}

type Differences = Pick<Change, 'images' | 'env' | 'resources' | 'otherAspects'>

function classesOf(change: Differences, differing: readonly string[], rollback: boolean): ChangeClass[] {
  const applies: readonly (readonly [ChangeClass, boolean])[] = [
    ['new-image', change.images.length > 0],
    ['config', change.env.length > 0 || change.otherAspects.length > 0],
    ['resources', change.resources.length > 0],
    ['restart', differing.includes('restartedAt')],
    ['rollback', rollback],
  ]
  const classes = applies.filter(([, holds]) => holds).map(([name]) => name)
  return classes.length > 0 ? classes : ['config']
}

/** undefined where digests of different keys cannot be held against each other. */
function differingAspects(base: TemplateRecord, now: TemplateRecord): string[] | undefined {
  if (base.keyId !== now.keyId || base.digestVersion !== now.digestVersion) return undefined
  const names = new Set([...Object.keys(base.aspects), ...Object.keys(now.aspects)])
  return [...names].filter((name) => base.aspects[name] !== now.aspects[name])
}

function clearAspects(base: readonly ContainerFacts[], now: readonly ContainerFacts[]): string[] {
  return pairs(base, now).flatMap(([name, from, to]) =>
    sameData(from?.probes ?? [], to?.probes ?? []) ? [] : [`probes/${name}`],
  )
}

function imageChanges(base: readonly ContainerFacts[], now: readonly ContainerFacts[]): ImageChange[] {
  return pairs(base, now)
    .filter(([, from, to]) => from?.image !== to?.image)
    .map(([container, from, to]) => ({ container, from: from?.image, to: to?.image }))
}

function envChanges(
  base: readonly ContainerFacts[],
  now: readonly ContainerFacts[],
  differing: readonly string[],
): EnvChange[] {
  return pairs(base, now).flatMap(([container, from, to]) => {
    const [old, young] = [new Set(from?.envNames), new Set(to?.envNames)]
    const added = [...young.difference(old)]
    const removed = [...old.difference(young)]
    const differs = differing.includes(`env/${container}`)
    if (added.length + removed.length === 0 && !differs) return []
    return [{ container, added, removed, valuesChanged: differs && added.length + removed.length === 0 }]
  })
}

function resourceChanges(base: readonly ContainerFacts[], now: readonly ContainerFacts[]): ResourceChange[] {
  return pairs(base, now).flatMap(([container, from, to]) => [
    ...quantityChanges(container, 'request', from?.requests, to?.requests),
    ...quantityChanges(container, 'limit', from?.limits, to?.limits),
  ])
}

type Quantities = ContainerFacts['requests']

function quantityChanges(
  container: string,
  bound: ResourceChange['bound'],
  base: Quantities = {},
  now: Quantities = {},
): ResourceChange[] {
  const names = new Set([...Object.keys(base), ...Object.keys(now)])
  return [...names]
    .filter((resource) => base[resource] !== now[resource])
    .map((resource) => ({ container, bound, resource, from: base[resource], to: now[resource] }))
}

type Pair = readonly [name: string, from: ContainerFacts | undefined, to: ContainerFacts | undefined]

/** Containers of both sides by name, in the order of the new template, then those that are gone. */
function pairs(base: readonly ContainerFacts[], now: readonly ContainerFacts[]): Pair[] {
  const from = new Map(base.map((container) => [container.name, container]))
  const to = new Map(now.map((container) => [container.name, container]))
  return [...new Set([...to.keys(), ...from.keys()])].map((name) => [name, from.get(name), to.get(name)])
}
