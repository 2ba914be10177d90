import { FaultScript, type HttpFault, type InjectedFault } from './http/http-faults.ts'
import { type ExchangeEnd, startHttpStandIn } from './http/http-stand-in.ts'
import { answerCall } from './slack/answer-call.ts'
import { parseCall, textArgument } from './slack/arguments.ts'
import { BudgetLedger, type SlackBudgets, slackBudgets } from './slack/budgets.ts'
import { CallLog, type SlackCall } from './slack/call-log.ts'
import type { MessageChange } from './slack/method-context.ts'
import { TokenBook } from './slack/tokens.ts'
import {
  type ChannelOptions,
  type NewMessage,
  type SlackChannel,
  type SlackMessage,
  Workspace,
  type WorkspaceDump,
} from './slack/workspace.ts'

/**
 * Slack's Web API over HTTP, as strict as the real one: what it refuses, limits, cuts and hides, it does with
 * Slack's own codes. Where Slack's behaviour is not documented, the stricter reading is taken.
 *
 * A request is judged in this order: scripted fault, token, body, method, budget, and then the method's own rules.
 */
export interface FakeSlackOptions {
  /** A free one by default. */
  port?: number
  /** The address that it listens on; 127.0.0.1 by default. */
  host?: string
  /** Names alone are public channels that the bot is in. */
  channels?: readonly (string | ChannelOptions)[]
  /** The first token; a random one by default, so that a test can look for it where it must not be. */
  token?: string
  scopes?: readonly string[]
  /** Changes to Slack's own; `noBudgets` for none. */
  budgets?: Partial<SlackBudgets>
  /** Unix ms; for budgets, ts and history lag. */
  now?: () => number
  /** How many of its calls it remembers; all by default. */
  keptCalls?: number
  /** A state from `dump()` to go on from. */
  restore?: WorkspaceDump
}

export interface SlackFaultRule {
  method?: string
  /** Id or name. */
  channel?: string
  when?: (call: SlackCall) => boolean
  /** How many calls it hits; until lifted by default. */
  times?: number
}

export interface FakeSlack extends AsyncDisposable {
  /** For the client: ends in `/api/`. */
  readonly apiUrl: string
  readonly port: number
  /** The token that was issued last. */
  readonly token: string
  readonly channels: readonly SlackChannel[]
  /** Every call so far, in order of arrival. */
  readonly calls: readonly SlackCall[]
  /** Most writes to one channel that were under way at once, by channel id. */
  readonly maxConcurrentPerChannel: ReadonlyMap<string, number>
  /** For how long history and replies do not show a new message yet, in ms. */
  historyLagMs: number
  /** For how long after its post a message can be edited, in ms. */
  editWindowMs: number

  /** A channel by name or id, to be changed in place. Throws if there is none. */
  channel(nameOrId: string): SlackChannel
  addChannel(options: string | ChannelOptions): SlackChannel
  /** Of one channel, oldest first: replies (`threadTs`) and deleted ones (`deletedAt`) included. */
  messages(channel: string): SlackMessage[]
  /** Somebody else's message, or the bot's own without a call. */
  post(channel: string, content: NewMessage['content'], author?: SlackMessage['author']): SlackMessage
  /** As if a person had deleted it. */
  deleteMessage(channel: string, ts: string): void

  /** Issues another token and makes it `token`; the old ones stay valid. */
  issueToken(options?: { scopes?: readonly string[]; token?: string }): string
  /** Answers a token with this code from now on; by default the current one with `token_revoked`. */
  revokeToken(code?: string, token?: string): void

  inject(fault: HttpFault, rule?: SlackFaultRule): InjectedFault
  liftFaults(): void

  /** The first call that matches, also one of the past; 10 s by default. */
  waitForCall(matches: (call: SlackCall) => boolean, timeoutMs?: number): Promise<SlackCall>
  /** At each call's arrival (`outcome` is `pending`) and end. Returns what ends that. */
  onCall(listener: (call: SlackCall) => void): () => void
  /** At each change of a message, whoever made it. Returns what ends that. */
  onMessage(listener: (message: SlackMessage, how: MessageChange) => void): () => void
  /** The whole state as JSON, for `restore`. */
  dump(): WorkspaceDump
}

export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const { channels = [], now = () => performance.timeOrigin + performance.now() } = options
  const workspace = new Workspace(now)
  const tokens = new TokenBook()
  const house = {
    workspace,
    tokens,
    ledger: new BudgetLedger(),
    budgets: { ...slackBudgets, ...options.budgets },
  }
  const log = new CallLog(options.keptCalls)
  const faults = new FaultScript<SlackCall>()
  const messageListeners = new Set<(message: SlackMessage, how: MessageChange) => void>()
  const grantOptions = { ...(options.scopes && { scopes: options.scopes }) }
  let token = tokens.issue({ ...grantOptions, ...(options.token !== undefined && { token: options.token }) })

  const addChannel = (given: string | ChannelOptions) =>
    workspace.addChannel(typeof given === 'string' ? { name: given } : given)
  if (options.restore) workspace.restore(options.restore)
  for (const given of channels) addChannel(given)

  const channel = (nameOrId: string): SlackChannel => {
    const found = workspace.byIdOrName(nameOrId)
    if (!found) throw new Error(`The fake Slack has no channel ${nameOrId}`)
    return found
  }
  const tell = (message: SlackMessage, how: MessageChange) => {
    for (const listener of messageListeners) listener(message, how)
  }

  const server = await startHttpStandIn<SlackCall>({
    port: options.port,
    host: options.host,
    faults,
    begin(request) {
      const parsed = parseCall(request)
      const asked = textArgument(parsed.args, 'channel')
      const channelId = workspace.byIdOrName(asked)?.id ?? asked
      const call = log.began({
        method: request.url.pathname.replace(/^\/api\//, ''),
        args: parsed.args,
        token: tokens.nameOf(parsed.token),
        at: now(),
        ...(channelId !== undefined && { channel: channelId }),
      })
      let outcome: string | undefined
      return {
        call,
        carryOut() {
          const answered = answerCall(call.method, parsed, {
            ...house,
            now: now(),
            historyLagMs: slack.historyLagMs,
            editWindowMs: slack.editWindowMs,
            changed(message, how) {
              call.changed = message.ts
              tell(message, how)
            },
          })
          outcome = answered.outcome
          return answered.answer
        },
        ended: (how) => log.ended(call, { ...ending(how, outcome), endedAt: now() }),
      }
    },
  })

  const slack: FakeSlack = {
    apiUrl: `${server.url}/api/`,
    port: server.port,
    get token() {
      return token
    },
    channels: workspace.channels,
    calls: log.calls,
    maxConcurrentPerChannel: log.maxConcurrentPerChannel,
    historyLagMs: 0,
    editWindowMs: Number.POSITIVE_INFINITY,
    channel,
    addChannel,
    messages: (name) => workspace.messages(channel(name).id),
    post(name, content, author = 'someone else') {
      const message = workspace.post({ channel: channel(name), content, author })
      tell(message, 'posted')
      return message
    },
    deleteMessage(name, ts) {
      const message = workspace.message(channel(name).id, ts)
      if (!message) throw new Error(`No message ${ts} in ${name}`)
      tell(workspace.delete(message), 'deleted')
    },
    issueToken(given) {
      token = tokens.issue({ ...grantOptions, ...given })
      return token
    },
    revokeToken: (code = 'token_revoked', revoked = token) => tokens.revoke(revoked, code),
    inject: (fault, { method, channel: hit, when = () => true, times } = {}) =>
      faults.inject(fault, {
        when: (call) =>
          (method === undefined || call.method === method) &&
          (hit === undefined || call.channel === (workspace.byIdOrName(hit)?.id ?? hit)) &&
          when(call),
        ...(times !== undefined && { times }),
      }),
    liftFaults: () => faults.liftAll(),
    waitForCall: (matches, timeoutMs = 10_000) => log.waitFor(matches, timeoutMs),
    onCall: (listener) => log.listen(listener),
    onMessage(listener) {
      messageListeners.add(listener)
      return () => messageListeners.delete(listener)
    },
    dump: () => workspace.dump(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
  return slack
}

/** What Slack answered, unless a fault took the answer's place; a call that was never answered says why. */
function ending(
  { fault, status, error }: ExchangeEnd,
  answered: string | undefined,
): Pick<SlackCall, 'outcome' | 'status'> {
  const isLate = fault?.kind === 'delay' || fault?.kind === 'hold'
  const outcome = fault && !isLate ? (fault.label ?? fault.kind) : (answered ?? `broken off: ${error}`)
  return { outcome, ...(status !== undefined && { status }) }
}
