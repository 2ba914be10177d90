/** What names one object of a collection. */
export interface Identity {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** `object` is absent where the projection wants nothing of it, and where only a list showed the deletion. */
export interface Change<T> {
  readonly kind: 'changed' | 'deleted'
  readonly identity: Identity
  readonly object?: T | undefined
}

/** The names and uids of a collection, and which of them a list in progress has not shown again so far. */
export class KnownObjects<T> {
  readonly #known = new Map<string, Identity>()
  #unseen: Map<string, Identity> | undefined

  beginList(): void {
    this.#unseen = new Map(this.#known)
  }

  /** What the list did not show is gone. */
  endList(): readonly Change<T>[] {
    const gone = [...(this.#unseen ?? [])]
    this.#unseen = undefined
    for (const [key] of gone) this.#known.delete(key)
    return gone.map(([, identity]) => ({ kind: 'deleted', identity }))
  }

  /** The object stands. Another uid under its name means that the one before is gone, whoever missed it. */
  stands(identity: Identity, object: T | undefined): readonly Change<T>[] {
    const key = keyOf(identity)
    const before = this.#known.get(key)
    this.#known.set(key, identity)
    this.#unseen?.delete(key)
    const changed: Change<T> = { kind: 'changed', identity, object }
    if (before === undefined || before.uid === identity.uid) return [changed]
    return [{ kind: 'deleted', identity: before }, changed]
  }

  /** The object is gone; silent about what nobody knew. */
  gone(identity: Identity, object: T | undefined): readonly Change<T>[] {
    const key = keyOf(identity)
    if (this.#known.get(key)?.uid !== identity.uid) return []
    this.#known.delete(key)
    this.#unseen?.delete(key)
    return [{ kind: 'deleted', identity, object }]
  }
}

function keyOf({ namespace, name }: Identity): string {
  return `${namespace}/${name}`
}
