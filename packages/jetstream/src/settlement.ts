import { NewerVersion, type Outcome } from './outcome.ts'

/** What came of one try to process a message. */
export type Attempt =
  | Outcome
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** Not tried: the server has given it out too often already. */
  | { readonly kind: 'worn-out'; readonly deliveries: number }

/** What this process has seen of the message so far. */
export interface History {
  /** Faults of the message, the present one included. */
  readonly faults: number
  /** Tries before the present one. */
  readonly waits: number
}

export type Settlement =
  | { readonly kind: 'ack' }
  | { readonly kind: 'dead-letter'; readonly reason: string }
  /** Kept and tried again; `needsUpgrade` says that time alone will not help. */
  | {
      readonly kind: 'wait'
      readonly delayMs: number
      readonly reason: string
      readonly needsUpgrade: boolean
    }

const retriesAfterFault = 5
const mostDeliveries = 100
const upgradeDelayMs = 5_000

/**
 * Given out more often than this, a message kills its readers before they can say what is wrong. Holds and
 * retries happen within one delivery, so they wear nothing out.
 */
export function isWornOut(deliveries: number): boolean {
  return deliveries > mostDeliveries
}

/** An exception that may be the message's own fault; a stored value of a newer release is not. */
export function isFault(attempt: Attempt): boolean {
  return attempt.kind === 'threw' && !(attempt.error instanceof NewerVersion)
}

/** Decides what becomes of a message. */
export function settle(attempt: Attempt, history: History): Settlement {
  switch (attempt.kind) {
    case 'worn-out':
      return deadLetter(`delivered ${attempt.deliveries} times without an outcome: it may kill its reader`)
    case 'done':
      return { kind: 'ack' }
    case 'reject':
      return deadLetter(attempt.reason)
    case 'malformed':
      return deadLetter(`malformed: ${attempt.problem}`)
    case 'newer':
      return hold(`it has version ${attempt.version}, which this release cannot read: it needs an upgrade`)
    case 'retry':
      return wait(attempt.reason, attempt.afterMs ?? outageDelayMs(history.waits))
    default:
      return settleException(attempt.error, history.faults)
  }
}

function settleException(error: unknown, faults: number): Settlement {
  if (error instanceof NewerVersion) return hold(error.message)
  const reason = error instanceof Error ? error.message : String(error)
  if (faults > retriesAfterFault) return deadLetter(`failed ${faults} times: ${reason}`)
  return wait(reason, 50 * 2 ** faults)
}

function deadLetter(reason: string): Settlement {
  return { kind: 'dead-letter', reason }
}

function hold(reason: string): Settlement {
  return { kind: 'wait', delayMs: upgradeDelayMs, reason, needsUpgrade: true }
}

function wait(reason: string, delayMs: number): Settlement {
  return { kind: 'wait', delayMs, reason, needsUpgrade: false }
}

function outageDelayMs(waits: number): number {
  return Math.min(5_000, 100 * 2 ** Math.min(waits, 10))
}
