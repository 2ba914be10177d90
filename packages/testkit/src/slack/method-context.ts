import type { SlackArguments } from './arguments.ts'
import { type Refusal, refuse } from './reply.ts'
import type { Grant } from './tokens.ts'
import type { SlackMessage, Workspace } from './workspace.ts'

export type MessageChange = 'posted' | 'edited' | 'deleted'

/** All that a method may look at and touch. */
export interface MethodContext {
  readonly workspace: Workspace
  readonly args: SlackArguments
  readonly grant: Grant
  /** Unix ms. */
  readonly now: number
  readonly historyLagMs: number
  readonly editWindowMs: number
  /** To be told of each message that the call changed. */
  readonly changed: (message: SlackMessage, how: MessageChange) => void
}

export function missingScope({ scopes }: Grant, needed: string): Refusal {
  return refuse('missing_scope', { needed, provided: scopes.join(',') })
}
