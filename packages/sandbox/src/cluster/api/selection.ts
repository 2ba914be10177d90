import type { StoredObject } from '../model/objects.ts'
import { Refusal } from '../model/refusal.ts'

export type Selection = (object: StoredObject) => boolean

/** `labelSelector` and `fieldSelector` of a request: `=`, `==`, `!=`, and for labels `name`, `!name`. Throws Refusal. */
export function selectionOf(query: URLSearchParams, namespace: string | undefined): Selection {
  const labels = termsOf(query.get('labelSelector')).map(({ path, ...term }) =>
    test(term, ({ metadata }) => metadata.labels?.[path]),
  )
  const fields = termsOf(query.get('fieldSelector')).map(({ path, ...term }) =>
    test(term, (object) => fieldAt(object, path)),
  )
  const tests = [...labels, ...fields]
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    tests.every((each) => each(object))
}

interface Term {
  readonly path: string
  readonly equal: boolean
  /** Undefined asks only whether there is one. */
  readonly value: string | undefined
}

function termsOf(text: string | null): readonly Term[] {
  return (text ?? '')
    .split(',')
    .filter(Boolean)
    .map((term) => {
      const [, not, path, operator, value] = /^(!?)([^=!() ]+)(?:(==?|!=)([^() ]*))?$/.exec(term) ?? []
      if (path === undefined || (not && operator))
        throw new Refusal(400, 'BadRequest', `the selector ${term} is not known`)
      return { path, equal: not === '' && operator !== '!=', value }
    })
}

function test({ equal, value }: Omit<Term, 'path'>, read: (object: StoredObject) => unknown): Selection {
  return (object) => {
    const found = read(object)
    return (value === undefined ? found !== undefined : textOf(found) === value) === equal
  }
}

function fieldAt(object: StoredObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
      object,
    )
}

function textOf(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
