import { plurals, type StoredObject } from './objects.ts'

/** The API server says no: code, reason and text as its Status has them. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
  readonly code: number
  readonly reason: string

  constructor(code: number, reason: string, message: string) {
    super(message)
    this.code = code
    this.reason = reason
  }
}

/** Somebody else wrote the object since it was read. */
export class Conflict extends Refusal {
  override readonly name = 'Conflict'

  constructor({ kind, metadata }: StoredObject) {
    super(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${plurals[kind]} "${metadata.name}": the object has been modified; ` +
        'please apply your changes to the latest version and try again',
    )
  }
}
