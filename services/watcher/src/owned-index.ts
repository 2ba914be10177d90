/** Things by the uid of what owns them; each stands once, under its own uid. */
export class OwnedIndex<T> {
  readonly #byOwner = new Map<string, Map<string, T>>()
  readonly #ownerOf = new Map<string, string>()

  of(owner: string): readonly T[] {
    return [...(this.#byOwner.get(owner)?.values() ?? [])]
  }

  ownerOf(uid: string): string | undefined {
    return this.#ownerOf.get(uid)
  }

  set(owner: string, uid: string, value: T): void {
    if (this.#ownerOf.get(uid) !== owner) this.delete(uid)
    this.#ownerOf.set(uid, owner)
    const siblings = this.#byOwner.get(owner) ?? new Map<string, T>()
    this.#byOwner.set(owner, siblings.set(uid, value))
  }

  delete(uid: string): void {
    const owner = this.#ownerOf.get(uid)
    if (owner === undefined) return
    this.#ownerOf.delete(uid)
    const siblings = this.#byOwner.get(owner)
    siblings?.delete(uid)
    if (siblings?.size === 0) this.#byOwner.delete(owner)
  }
}
