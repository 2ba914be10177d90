import type { HttpAnswer } from '../http/http-faults.ts'
import type { ParsedCall } from './arguments.ts'
import type { BudgetLedger, SlackBudgets } from './budgets.ts'
import type { MethodContext } from './method-context.ts'
import { methods } from './methods.ts'
import { refuse, type SlackReply } from './reply.ts'
import type { Grant, TokenBook } from './tokens.ts'

/** Where a call is answered: what there is, and what its method may touch. */
export interface Situation extends Omit<MethodContext, 'args' | 'grant'> {
  readonly tokens: TokenBook
  readonly ledger: BudgetLedger
  readonly budgets: SlackBudgets
}

export interface AnsweredCall {
  /** `ok` or Slack's error code. */
  readonly outcome: string
  readonly answer: HttpAnswer
}

/** Judges a call in Slack's order: token, body, method, budget, and then the method's own rules. */
export function answerCall(
  method: string,
  { args, token, refusal }: ParsedCall,
  situation: Situation,
): AnsweredCall {
  const grant = situation.tokens.check(token)
  if ('error' in grant) return asHttp(grant)
  if (refusal) return asHttp(refuse(refusal), scopeHeaders(grant))
  const known = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (!known) return asHttp(refuse('unknown_method', { req_method: method }), scopeHeaders(grant))
  const { ledger, budgets, workspace, now } = situation
  const waitSeconds = ledger.take(known.charges(budgets, args, workspace), now)
  if (waitSeconds > 0) return rateLimited(waitSeconds)
  return asHttp(known.run({ ...situation, args, grant }), scopeHeaders(grant, known.scopes))
}

function asHttp(reply: SlackReply, headers: Record<string, string> = {}): AnsweredCall {
  return {
    outcome: reply.ok ? 'ok' : reply.error,
    answer: { status: 200, headers: { ...json, ...headers }, body: JSON.stringify(reply) },
  }
}

function rateLimited(waitSeconds: number): AnsweredCall {
  const reply = refuse('ratelimited')
  return {
    outcome: reply.error,
    answer: {
      status: 429,
      headers: { ...json, 'retry-after': String(waitSeconds) },
      body: JSON.stringify(reply),
    },
  }
}

const json = { 'content-type': 'application/json; charset=utf-8' }

function scopeHeaders({ scopes }: Grant, accepted: readonly string[] = []): Record<string, string> {
  return { 'x-oauth-scopes': scopes.join(','), 'x-accepted-oauth-scopes': accepted.join(',') }
}
