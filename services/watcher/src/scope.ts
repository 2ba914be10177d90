import { isDeepStrictEqual } from 'node:util'
import { slackAnnotation } from '@hermod/contracts'
import { ownAnnotations } from './deployment/annotation-problems.ts'

/** Which namespaces are watched: those annotated for Slack, and those of NAMESPACES. */
export interface ScopeRules {
  /** NAMESPACES; `*` stands for all. */
  readonly named: readonly string[]
  /** Whether the annotation alone brings a namespace into the scope. */
  readonly annotated: boolean
}

export interface ScopeChange {
  readonly namespace: string
  /** `altered`: other annotations, and in the scope as before. */
  readonly kind: 'entered' | 'left' | 'altered'
  /** It left by being deleted. */
  readonly deleted: boolean
}

type Annotations = Readonly<Record<string, string>>

/** Knows the namespaces of the cluster, and which of them are in the scope. */
export class Scope {
  readonly #rules: ScopeRules
  readonly #named: ReadonlySet<string>
  readonly #annotations = new Map<string, Annotations>()

  constructor(rules: ScopeRules) {
    this.#rules = rules
    this.#named = new Set(rules.named)
  }

  /** NAMESPACES names it, as deploy-notifier had it. */
  lists(namespace: string): boolean {
    return this.#named.has('*') || this.#named.has(namespace)
  }

  includes(namespace: string): boolean {
    return this.lists(namespace) || (this.#rules.annotated && this.#asksForSlack(namespace))
  }

  /** Those under our own prefix; undefined where the namespace is not known. */
  annotationsOf(namespace: string): Annotations | undefined {
    return this.#annotations.get(namespace)
  }

  /** The namespaces that are in the scope as far as is known now. */
  get namespaces(): readonly string[] {
    const known = [...this.#annotations.keys()].filter((namespace) => this.includes(namespace))
    return [...new Set([...this.#rules.named.filter((name) => name !== '*'), ...known])]
  }

  /** The namespace exists with these annotations. */
  stands(namespace: string, annotations: Annotations | undefined): ScopeChange | undefined {
    const before = this.#isIn(namespace)
    const was = this.#annotations.get(namespace)
    const is = ownAnnotations(annotations)
    this.#annotations.set(namespace, is)
    const now = this.#isIn(namespace)
    if (before && now && was !== undefined && !isDeepStrictEqual(was, is)) {
      return { namespace, kind: 'altered', deleted: false }
    }
    return changed(namespace, before, now, false)
  }

  gone(namespace: string): ScopeChange | undefined {
    const before = this.#isIn(namespace)
    this.#annotations.delete(namespace)
    return changed(namespace, before, this.#isIn(namespace), true)
  }

  // With `*` a namespace enters by being created; one that is named is in from the start.
  #isIn(namespace: string): boolean {
    return this.#named.has(namespace) || (this.#annotations.has(namespace) && this.includes(namespace))
  }

  #asksForSlack(namespace: string): boolean {
    return (this.#annotations.get(namespace)?.[slackAnnotation] ?? '') !== ''
  }
}

function changed(
  namespace: string,
  before: boolean,
  now: boolean,
  deleted: boolean,
): ScopeChange | undefined {
  if (before === now) return undefined
  return { namespace, kind: now ? 'entered' : 'left', deleted }
}
