/** What a handler says of a message. Everything it did must be durable before it says `done`. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Not now, through no fault of the message; tried again for as long as it takes. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Never: the message becomes a dead letter. */
  | { readonly kind: 'reject'; readonly reason: string }

/** A stored value was written by a newer release: the message is held until this one is upgraded too. */
export class NewerVersion extends Error {
  override name = 'NewerVersion'
  readonly version: number

  constructor(what: string, version: number) {
    super(`${what} has version ${version}, which this release cannot read: it needs an upgrade`)
    this.version = version
  }
}
