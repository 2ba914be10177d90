/** The three ways in which the API server takes a patch. */
import { isDeepStrictEqual } from 'node:util'
import { Refusal } from './refusal.ts'

export type PatchKind = 'merge' | 'strategic' | 'json'

type Fields = Readonly<Record<string, unknown>>

// The lists of a pod template whose items have a name of their own: a strategic patch merges them by it.
const itemKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  imagePullSecrets: 'name',
}

/** Throws Refusal for a patch that cannot be read or applied. */
export function applyPatch(object: object, patch: unknown, kind: PatchKind): unknown {
  if (kind === 'json') return (Array.isArray(patch) ? patch : [patch]).reduce(applyOperation, object)
  if (!isFields(patch)) throw bad('a patch is an object')
  return merge(object, patch, kind === 'strategic')
}

function merge(target: unknown, patch: Fields, strategic: boolean): Fields {
  const merged: Record<string, unknown> = isFields(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    // An order of items is kubectl's hint, and ours stays as it is.
    if (key.startsWith('$setElementOrder/')) continue
    const itemKey = strategic ? itemKeys[key] : undefined
    if (value === null) delete merged[key]
    else if (itemKey !== undefined && Array.isArray(value))
      merged[key] = mergeItems(merged[key], value, itemKey)
    else merged[key] = isFields(value) ? merge(merged[key], value, strategic) : value
  }
  return merged
}

function mergeItems(target: unknown, patch: readonly unknown[], itemKey: string): readonly unknown[] {
  const items: unknown[] = Array.isArray(target) ? [...target] : []
  for (const each of patch) {
    if (!isFields(each)) throw bad('an item of a list is no object')
    const at = items.findIndex((item) => isFields(item) && item[itemKey] === each[itemKey])
    if (each['$patch'] === 'delete') items.splice(at < 0 ? items.length : at, 1)
    else if (at < 0) items.push(merge({}, each, true))
    else items[at] = merge(items[at], each, true)
  }
  return items
}

/** RFC 6902: add, replace, remove and test. */
function applyOperation(object: unknown, operation: unknown): unknown {
  if (!isFields(operation) || typeof operation['path'] !== 'string') throw bad('an operation has op and path')
  const { op, path, value } = operation
  const steps = path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (op === 'test') {
    const found = steps.reduce<unknown>(
      (at, step) => (isFields(at) || Array.isArray(at) ? Reflect.get(at, step) : undefined),
      object,
    )
    if (!isDeepStrictEqual(found, value)) throw new Refusal(422, 'Invalid', `the test of ${path} failed`)
    return object
  }
  if (op !== 'add' && op !== 'replace' && op !== 'remove')
    throw bad(`an operation ${String(op)} is not known`)
  return change(object, steps, op, value)
}

function change(
  target: unknown,
  steps: readonly string[],
  op: 'add' | 'replace' | 'remove',
  value: unknown,
): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return value
  const list = Array.isArray(target)
  if (!list && !isFields(target)) throw bad(`there is no ${step} to change`)
  const at = list && step === '-' ? target.length : step
  if (op !== 'add' && !Object.hasOwn(target, at)) throw bad(`there is no ${step} to ${op}`)
  if (rest.length > 0 && !Object.hasOwn(target, at)) throw bad(`there is no ${step} to go into`)
  const inner = rest.length > 0 ? change(Reflect.get(target, at), rest, op, value) : value
  if (list) {
    const index = Number(at)
    const gone = op === 'add' && rest.length === 0 ? 0 : 1
    return target.toSpliced(index, gone, ...(op === 'remove' && rest.length === 0 ? [] : [inner]))
  }
  const { [step]: _before, ...others } = target
  return op === 'remove' && rest.length === 0 ? others : { ...others, [step]: inner }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(message: string): Refusal {
  return new Refusal(400, 'BadRequest', `the patch cannot be applied: ${message}`)
}
