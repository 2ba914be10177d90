// Owns the model of a Slack workspace: testkit's strict rules, and a network on which calls get lost.
// S1. A call is carried out once it arrives, whether or not anybody still waits for its answer.
import { answerCall } from '../../packages/testkit/src/slack/answer-call.ts'
import { parseCall } from '../../packages/testkit/src/slack/arguments.ts'
import { BudgetLedger, slackBudgets } from '../../packages/testkit/src/slack/budgets.ts'
import { TokenBook } from '../../packages/testkit/src/slack/tokens.ts'
import { Workspace } from '../../packages/testkit/src/slack/workspace.ts'
import { theWorld } from './the-world.ts'
import { after, asProcess, chance, type SimulatedProcess } from './virtual-time.ts'

export const slackToken = 'xoxb-simulated'

export type SlackTrouble = 'rate-limited' | 'refuses' | 'fails' | 'hangs' | 'loses-answers' | 'token-revoked'

export interface SlackCall {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
  readonly signal: AbortSignal | undefined
}

export class ModelSlack {
  readonly workspace: Workspace = new Workspace(() => Date.now())
  readonly #tokens = new TokenBook()
  readonly #ledger = new BudgetLedger()
  trouble: SlackTrouble | undefined
  /** How many calls in a hundred the trouble hits. */
  share = 100
  historyLagMs = 0

  constructor(channels: readonly string[]) {
    this.#tokens.issue({ token: slackToken })
    for (const name of channels) this.workspace.addChannel({ name })
  }

  async call(call: SlackCall, process: SimulatedProcess): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    const abort = (): void => reject(call.signal?.reason)
    call.signal?.addEventListener('abort', abort, { once: true })
    const fate = theWorld().fateOfRequest(process)
    if (fate === 'dies before') theWorld().die(process)
    const answer = (act: () => void): void =>
      after(chance().between(5, 60), () => {
        if (process.alive) asProcess(process, act)
      })
    after(chance().between(5, 60), () => {
      if (fate === 'dies before') return
      const trouble = chance().next() * 100 < this.share ? this.trouble : undefined
      const status = (code: number, headers: Record<string, string> = {}): void =>
        answer(() => resolve(new Response('', { status: code, headers })))
      if (trouble === 'refuses') return answer(() => reject(cut('ECONNREFUSED')))
      if (trouble === 'rate-limited') return status(429, { 'retry-after': String(1 + chance().below(5)) })
      if (trouble === 'token-revoked')
        return answer(() => resolve(json({ ok: false, error: 'token_revoked' })))
      // Whether a server that fails had done it is anybody's guess.
      if (trouble === 'fails' && chance().chance(0.5)) return status(503)
      if (trouble === 'hangs' && chance().chance(0.5)) return
      const done = this.#carryOut(call)
      if (fate === 'dies after') theWorld().die(process)
      if (trouble === 'fails') return status(500)
      if (trouble === 'hangs') return
      if (trouble === 'loses-answers') return answer(() => reject(cut('ECONNRESET')))
      answer(() => resolve(new Response(done.body, { status: done.status, headers: done.headers })))
    })
    try {
      return await promise
    } finally {
      call.signal?.removeEventListener('abort', abort)
    }
  }

  #carryOut({ url, headers, body }: SlackCall): {
    status: number
    headers: Record<string, string>
    body: string
  } {
    const parsed = parseCall({ method: 'POST', url: new URL(url), headers, body: Buffer.from(body) })
    const { answer } = answerCall(url.slice(url.lastIndexOf('/') + 1), parsed, {
      tokens: this.#tokens,
      ledger: this.#ledger,
      budgets: slackBudgets,
      workspace: this.workspace,
      now: Date.now(),
      historyLagMs: this.historyLagMs,
      editWindowMs: Number.POSITIVE_INFINITY,
      changed: () => undefined,
    })
    return { status: answer.status, headers: { ...answer.headers }, body: String(answer.body) }
  }
}

function json(body: object): Response {
  return new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } })
}

function cut(code: string): Error {
  return Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(code), { code }) })
}
