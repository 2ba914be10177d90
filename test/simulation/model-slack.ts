// Owns the model of a Slack workspace: testkit's strict rules, and a network on which calls get lost.
// S1. A call is carried out once it arrives, whether or not anybody still waits for its answer.
import { answerCall } from '../../packages/testkit/src/slack/answer-call.ts'
import { parseCall } from '../../packages/testkit/src/slack/arguments.ts'
import { BudgetLedger, slackBudgets } from '../../packages/testkit/src/slack/budgets.ts'
import { TokenBook } from '../../packages/testkit/src/slack/tokens.ts'
import { Workspace } from '../../packages/testkit/src/slack/workspace.ts'
import type { LeanAnswer } from '../../services/notifier/src/lean-fetch.ts'
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

interface Told {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

const tokenRevoked: Told = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ok: false, error: 'token_revoked' }),
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

  async call(call: SlackCall, process: SimulatedProcess): Promise<LeanAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<LeanAnswer>()
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
        answer(() => resolve(answerOf(call.url, { status: code, headers, body: '' })))
      if (trouble === 'refuses') return answer(() => reject(cut('ECONNREFUSED')))
      if (trouble === 'rate-limited') return status(429, { 'retry-after': String(1 + chance().below(5)) })
      if (trouble === 'token-revoked') return answer(() => resolve(answerOf(call.url, tokenRevoked)))
      // Whether a server that fails had done it is anybody's guess.
      if (trouble === 'fails' && chance().chance(0.5)) return status(503)
      if (trouble === 'hangs' && chance().chance(0.5)) return
      const done = this.#carryOut(call)
      if (fate === 'dies after') theWorld().die(process)
      if (trouble === 'fails') return status(500)
      if (trouble === 'hangs') return
      if (trouble === 'loses-answers') return answer(() => reject(cut('ECONNRESET')))
      answer(() => resolve(answerOf(call.url, done)))
    })
    try {
      return await promise
    } finally {
      call.signal?.removeEventListener('abort', abort)
    }
  }

  #carryOut({ url, headers, body }: SlackCall): Told {
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

/** As the wire that it stands in for tells it. */
function answerOf(url: string, { status, headers, body }: Told): LeanAnswer {
  const named = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: '',
    url,
    headers: { get: (name) => named.get(name.toLowerCase()) ?? null, entries: () => named.entries() },
    arrayBuffer: async () => new TextEncoder().encode(body).buffer,
    json: async () => JSON.parse(body),
    text: async () => body,
  }
}

function cut(code: string): Error {
  return Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(code), { code }) })
}
