import { field, readApiObject, text } from './api-object.ts'
import type { Change, KnownObjects } from './known-objects.ts'
import { LineSplitter, LineTooLong } from './line-splitter.ts'
import type { Ending } from './reflector-state.ts'

const endOfList = 'k8s.io/initial-events-end'
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Turns the bytes of a watch into changes, and tells where they leave the watch. */
export class EventReader<T> {
  readonly #known: KnownObjects<T>
  readonly #project: (object: unknown) => T | undefined
  readonly #lines = new LineSplitter()
  #listing: boolean
  #objects = 0
  #resourceVersion: string | undefined
  #failure: Ending | undefined

  constructor(known: KnownObjects<T>, project: (object: unknown) => T | undefined, listing: boolean) {
    this.#known = known
    this.#project = project
    this.#listing = listing
    if (listing) known.beginList()
  }

  /** The end mark of a WatchList has not come yet. */
  get listing(): boolean {
    return this.#listing
  }

  get objects(): number {
    return this.#objects
  }

  /** That of the last event, once it may be resumed from: the objects of a list come in no order of theirs. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion
  }

  /** Why the rest of the stream cannot be used. */
  get failure(): Ending | undefined {
    return this.#failure
  }

  get unfinished(): boolean {
    return this.#lines.unfinished
  }

  /** The changes that `chunk` completes, up to the first line that cannot be used. */
  read(chunk: Uint8Array): readonly Change<T>[] {
    const changes: Change<T>[] = []
    try {
      for (const line of this.#lines.push(chunk)) {
        changes.push(...this.#event(JSON.parse(decoder.decode(line))))
        if (this.#failure !== undefined) break
      }
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof LineTooLong))
        throw error
      this.#failure = { kind: 'malformed', error: error.message }
    }
    return changes
  }

  #event(event: unknown): readonly Change<T>[] {
    const type = field(event, 'type')
    const body = field(event, 'object')
    if (type === 'ERROR') {
      this.#failure = failureOf(body)
      return []
    }
    const object = readApiObject(body)
    if (object === undefined) throw new TypeError(`${JSON.stringify(type)} brings no object`)
    const changes = this.#change(type, object.identity, body, object.annotations)
    if (!this.#listing) this.#resourceVersion = object.resourceVersion
    return changes
  }

  #change(
    type: unknown,
    identity: Change<T>['identity'],
    body: unknown,
    annotations: Readonly<Record<string, unknown>>,
  ): readonly Change<T>[] {
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#objects++
        return this.#known.stands(identity, this.#project(body))
      case 'DELETED':
        return this.#known.gone(identity, this.#project(body))
      case 'BOOKMARK':
        // Its object is a hollow one of the watched kind: nothing to project.
        if (!this.#listing || annotations[endOfList] !== 'true') return []
        this.#listing = false
        return this.#known.endList()
      default:
        throw new TypeError(`an event of type ${JSON.stringify(type)}`)
    }
  }
}

function failureOf(status: unknown): Ending {
  const code = Number(field(status, 'code'))
  if (code === 410) return { kind: 'expired' }
  const seconds = Number(field(field(status, 'details'), 'retryAfterSeconds'))
  return {
    kind: 'status',
    status: code || 500,
    message: text(field(status, 'message')),
    ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }),
  }
}
