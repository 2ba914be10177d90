import type { Change } from '../model/cluster-state.ts'

const mostChanges = 2_000

/** What happened of late: what a watch can be resumed from. What is older is gone, and whoever asks for it is told. */
export class WatchHistory {
  #changes: Change[] = []
  /** The version up to which nothing is known. */
  #forgotten: number

  constructor(version: number) {
    this.#forgotten = version
  }

  add(changes: readonly Change[]): void {
    this.#changes.push(...changes)
    if (this.#changes.length > mostChanges * 2) this.#forget(this.#changes.splice(0, mostChanges))
  }

  /** As a restart of an API server does. */
  compact(version: number): void {
    this.#changes = []
    this.#forgotten = version
  }

  get oldest(): number {
    return this.#forgotten
  }

  /** Undefined when that is too long ago. */
  since(version: number): readonly Change[] | undefined {
    if (version < this.#forgotten) return undefined
    return this.#changes.filter(({ object }) => versionOf(object) > version)
  }

  #forget(changes: readonly Change[]): void {
    const last = changes.at(-1)
    if (last) this.#forgotten = versionOf(last.object)
  }
}

export function versionOf({ metadata }: Change['object']): number {
  return Number(metadata.resourceVersion)
}
