import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'

/** The link to NATS went away under a request: whether the server did it is unknown. */
export class LinkLost extends Error {
  override name = 'LinkLost'
}

/** What a failed request to NATS means for whoever wants to try it again. */
export type Failure =
  | { readonly kind: 'again'; readonly reason: string; readonly outcomeUnknown: boolean }
  /** Trying again cannot help: the request itself is wrong, or we are closing. */
  | { readonly kind: 'final' }

const full = 10077
const tooLarge = 10054
const ttlDisabled = 10166
const wrongLastSequence = [10071, 10164]

const finalErrors = [
  errors.ClosedConnectionError,
  errors.DrainingConnectionError,
  errors.InvalidArgumentError,
  errors.InvalidSubjectError,
  errors.InvalidOperationError,
]

export function judgeFailure(error: unknown): Failure {
  if (error instanceof LinkLost) return again('not connected to NATS', true)
  if (error instanceof errors.TimeoutError) return again('NATS does not answer', true)
  if (finalErrors.some((known) => error instanceof known)) return { kind: 'final' }
  if (isNoResponders(error))
    return again('no stream takes it: run hermod-provision, or it is electing a leader', false)
  const denied = permissionViolation(error)
  if (denied) return again(`NATS forbids to ${denied}: grant it to this user`, false)
  if (error instanceof JetStreamApiError) return judgeApiError(error)
  if (error instanceof errors.RequestError) return again(error.message, true)
  return { kind: 'final' }
}

/** The message is larger than the stream or the server takes. */
export function isTooLarge(error: unknown): boolean {
  if (error instanceof errors.InvalidArgumentError) return error.message.includes('max_payload')
  return error instanceof JetStreamApiError && error.code === tooLarge
}

/** Somebody else wrote first. */
export function isConflict(error: unknown): boolean {
  return error instanceof JetStreamApiError && wrongLastSequence.includes(error.code)
}

/** The stream does not know message TTLs: an older server's, not provisioned since. */
export function isTtlDisabled(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === ttlDisabled
}

/** `publish to SUBJECT` or `subscribe to SUBJECT`, when that is what the server forbade. */
export function permissionViolation(error: unknown): string | undefined {
  const violation = [error, error instanceof Error ? error.cause : undefined].find(
    (candidate) => candidate instanceof errors.PermissionViolationError,
  )
  if (!violation) return undefined
  return `${violation.operation === 'publish' ? 'publish' : 'subscribe'} to ${violation.subject}`
}

function isNoResponders(error: unknown): boolean {
  return (
    // What the client makes of a publish that nobody answers; the class is not exported.
    (error instanceof Error && error.name === 'JetStreamNotEnabled') ||
    error instanceof errors.NoRespondersError ||
    (error instanceof errors.RequestError && error.isNoResponders())
  )
}

function judgeApiError(error: JetStreamApiError): Failure {
  if (error.code === full) return again('the stream is full', false)
  if (isTooLarge(error) || isConflict(error) || isTtlDisabled(error)) return { kind: 'final' }
  return again(error.message, false)
}

function again(reason: string, outcomeUnknown: boolean): Failure {
  return { kind: 'again', reason, outcomeUnknown }
}
