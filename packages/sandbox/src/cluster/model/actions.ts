/** What the API server makes of a request that writes. */
import { isDeepStrictEqual } from 'node:util'
import { foreground, markDeleted, orphan } from './collect-garbage.ts'
import { checkDeployment, withDefaults } from './deployment-rules.ts'
import type { Draft } from './draft.ts'
import { type ManagedFields, noteWriter } from './managed-fields.ts'
import {
  apiVersions,
  type Deployment,
  type Kind,
  type Labels,
  type Meta,
  type Namespace,
  plurals,
  type StoredObject,
} from './objects.ts'
import { applyPatch, type PatchKind } from './patch.ts'
import { exceededQuota } from './quota.ts'
import { Conflict, Refusal } from './refusal.ts'
import { deletePod } from './sync-replica-set.ts'

export type Action =
  | { readonly kind: 'create'; readonly object: NewObject; readonly manager?: string }
  | {
      readonly kind: 'patch'
      readonly ref: Ref
      readonly patchKind: PatchKind
      readonly patch: unknown
      readonly manager?: string
    }
  | {
      readonly kind: 'delete'
      readonly ref: Ref
      readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
      readonly uid?: string | undefined
    }

export interface Ref {
  readonly kind: Kind
  /** '' for what is in none. */
  readonly namespace: string
  readonly name: string
}

/** As its author wrote it: kind and name are sure, the rest is checked. */
export interface NewObject {
  readonly kind: Kind
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Labels
    readonly annotations?: Labels
  }
}

/** Throws Refusal. */
export function perform(draft: Draft, action: Action): StoredObject {
  switch (action.kind) {
    case 'create':
      return create(draft, action)
    case 'patch':
      return patch(draft, find(draft, action.ref), action)
    default:
      return remove(draft, find(draft, action.ref), action)
  }
}

function find(draft: Draft, { kind, namespace, name }: Ref): StoredObject {
  const found = draft.get(kind, namespace, name)
  if (!found) throw notFound(kind, name)
  return found
}

export function notFound(kind: Kind, name: string): Refusal {
  const group = apiVersions[kind] === 'v1' ? '' : '.apps'
  return new Refusal(404, 'NotFound', `${plurals[kind]}${group} "${name}" not found`)
}

function create(draft: Draft, { object: given, manager }: Action & { kind: 'create' }): StoredObject {
  const { kind } = given
  const { name, namespace = '', labels, annotations } = given.metadata
  if (draft.get(kind, namespace, name))
    throw new Refusal(409, 'AlreadyExists', `${plurals[kind]} "${name}" already exists`)
  if (kind !== 'Namespace') checkNamespace(draft, kind, namespace, name)
  const own = {
    ...given,
    apiVersion: apiVersions[kind],
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
  }
  switch (kind) {
    case 'Namespace':
      return draft.create<Namespace>({ ...own, kind, status: { phase: 'Active' } })
    case 'Deployment': {
      const { spec } = withDefaults(own as unknown as Deployment)
      checkDeployment(name, spec)
      return draft.create<Deployment>({
        ...own,
        kind,
        metadata: {
          ...own.metadata,
          generation: 1,
          managedFields: written(draft, undefined, { metadata: own.metadata, spec }, manager),
        },
        spec,
        status: {},
      })
    }
    case 'Pod': {
      const exceeded = exceededQuota(draft, namespace, name)
      if (exceeded !== undefined) throw new Refusal(403, 'Forbidden', exceeded)
      return draft.create<StoredObject>({ ...own, status: { phase: 'Pending' } } as unknown as StoredObject)
    }
    default:
      return draft.create<StoredObject>(own)
  }
}

function checkNamespace(draft: Draft, kind: Kind, namespace: string, name: string): void {
  const found = draft.get('Namespace', '', namespace)
  if (!found) throw notFound('Namespace', namespace)
  if (found.metadata.deletionTimestamp === undefined) return
  const text =
    `${plurals[kind]} "${name}" is forbidden: unable to create new content in namespace ${namespace} ` +
    'because it is being terminated'
  throw new Refusal(403, 'Forbidden', text)
}

function patch(
  draft: Draft,
  before: StoredObject,
  { patchKind, patch, manager }: Action & { kind: 'patch' },
): StoredObject {
  const patched = applyPatch(before, patch, patchKind) as StoredObject
  const { labels, annotations, resourceVersion } = patched.metadata
  if (resourceVersion !== before.metadata.resourceVersion) throw new Conflict(before)
  const { labels: _labels, annotations: _annotations, ...kept } = before.metadata
  const metadata = { ...kept, ...(labels && { labels }), ...(annotations && { annotations }) }
  // The status is its controllers' alone.
  const status = 'status' in before ? { status: before.status } : {}
  const after = {
    ...patched,
    apiVersion: before.apiVersion,
    kind: before.kind,
    metadata,
    ...status,
  } as StoredObject
  if (after.kind !== 'Deployment' || before.kind !== 'Deployment') return draft.write(before, after)
  const next = nextGeneration(before as Deployment, withDefaults(after as Deployment))
  const managedFields = written(draft, before as Deployment, next, manager)
  return draft.write(before, { ...next, metadata: { ...next.metadata, managedFields } })
}

type Written = Pick<Deployment, 'spec'> & {
  readonly metadata: Pick<Meta, 'labels' | 'annotations' | 'managedFields'>
}

function written(
  draft: Draft,
  before: Written | undefined,
  after: Written,
  manager = 'unknown',
): readonly ManagedFields[] {
  const parts = ({ metadata: { labels, annotations }, spec }: Written): object => ({
    metadata: { ...(labels && { labels }), ...(annotations && { annotations }) },
    spec,
  })
  const by = { manager, apiVersion: apiVersions.Deployment, now: draft.now }
  return noteWriter(before?.metadata.managedFields ?? [], before ? parts(before) : {}, parts(after), by)
}

/** kubernetes v1.36.3 pkg/registry/apps/deployment/strategy.go: an annotation counts as a change of the spec. */
function nextGeneration(before: Deployment, after: Deployment): Deployment {
  checkDeployment(before.metadata.name, after.spec)
  if (!isDeepStrictEqual(before.spec.selector, after.spec.selector))
    throw new Refusal(
      422,
      'Invalid',
      `Deployment.apps "${before.metadata.name}" is invalid: spec.selector: field is immutable`,
    )
  const same =
    isDeepStrictEqual(before.spec, after.spec) &&
    isDeepStrictEqual(before.metadata.annotations ?? {}, after.metadata.annotations ?? {})
  if (same) return after
  return { ...after, metadata: { ...after.metadata, generation: (before.metadata.generation ?? 0) + 1 } }
}

function remove(
  draft: Draft,
  object: StoredObject,
  { propagation, uid }: Action & { kind: 'delete' },
): StoredObject {
  if (uid !== undefined && uid !== object.metadata.uid) throw new Conflict(object)
  const { kind } = object
  if (kind === 'Namespace') {
    const metadata = { ...object.metadata, deletionTimestamp: draft.now }
    if (object.metadata.deletionTimestamp === undefined)
      draft.write(object, { ...object, metadata, status: { phase: 'Terminating' } } as StoredObject)
  } else if (kind === 'Pod') deletePod(draft, object as Parameters<typeof deletePod>[1])
  else if (kind === 'Deployment' && (propagation === 'Foreground' || propagation === 'Orphan'))
    markDeleted(draft, object as Deployment, propagation === 'Orphan' ? orphan : foreground)
  else draft.remove(object)
  return object
}
