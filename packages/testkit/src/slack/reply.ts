/** What a method answers, always at HTTP 200. */
export type SlackReply = Accepted | Refusal

export interface Accepted {
  readonly ok: true
  readonly [field: string]: unknown
}

export interface Refusal {
  readonly ok: false
  readonly error: string
  readonly [field: string]: unknown
}

export function accept(fields: Record<string, unknown> = {}): Accepted {
  return { ...fields, ok: true }
}

export function refuse(error: string, details: Record<string, unknown> = {}): Refusal {
  return { ...details, ok: false, error }
}
