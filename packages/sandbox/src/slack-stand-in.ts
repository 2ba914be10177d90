/**
 * Owns the Slack that stands in when no token is given.
 *
 * 1. Each message is printed as it comes and whenever it says something new.
 * 2. Any channel that is posted to exists from then on: which ones there are, the cluster's annotations say.
 * 3. What was posted outlives the sandbox, so cards of the last run can still be edited; after a kill -9 of it the
 *    last two seconds may be missing.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type FakeSlack, startFakeSlack, type WorkspaceDump } from '@hermod/testkit'
import { type Look, renderMessage } from './slack-printer.ts'

export interface SlackStandIn extends AsyncDisposable {
  readonly apiUrl: string
  readonly token: string
  readonly port: number
  /** For the page that shows it. */
  readonly fake: FakeSlack
}

// It opens nothing but the stand-in, which listens on loopback alone.
const token = 'xoxb-sandbox'
const keptMessages = 500
const keptCalls = 2_000
const keepEveryMs = 2_000

export interface SlackStandInOptions {
  readonly stateFile: string
  readonly print: (text: string) => void
  readonly look: () => Look
  /** Free, and 127.0.0.1, by default. */
  readonly port?: number
  readonly host?: string
}

export async function startSlackStandIn({
  stateFile,
  print,
  look,
  ...where
}: SlackStandInOptions): Promise<SlackStandIn> {
  const restore = readDump(stateFile)
  const slack = await startFakeSlack({ token, keptCalls, ...where, ...(restore && { restore }) })
  slack.onCall((call) => {
    if (call.outcome === 'pending' && call.method === 'chat.postMessage')
      addMissingChannel(slack, call.channel)
  })
  let changed = false
  const keep = (): void => {
    if (changed) writeDump(stateFile, slack.dump())
    changed = false
  }
  const keeping = setInterval(keep, keepEveryMs)
  slack.onMessage((message, how) => {
    changed = true
    const text = renderMessage(slack.channel(message.channel).name, message, how, look())
    if (text !== undefined) print(text)
  })
  return {
    apiUrl: slack.apiUrl,
    token,
    port: slack.port,
    fake: slack,
    async [Symbol.asyncDispose]() {
      clearInterval(keeping)
      await slack[Symbol.asyncDispose]()
      keep()
    },
  }
}

function addMissingChannel(slack: FakeSlack, asked: string | undefined): void {
  const name = asked?.replace(/^#/, '')
  if (!name || slack.channels.some((channel) => channel.name === name || channel.id === name)) return
  slack.addChannel(name)
}

function writeDump(file: string, { channels, messages }: WorkspaceDump): void {
  const partial = `${file}.new`
  writeFileSync(partial, JSON.stringify({ channels, messages: messages.slice(-keptMessages) }), {
    mode: 0o600,
  })
  renameSync(partial, file)
}

/** Undefined at a first start, and for a file that is not ours or no longer whole: then Slack starts empty. */
function readDump(file: string): WorkspaceDump | undefined {
  try {
    const { channels, messages } = JSON.parse(readFileSync(file, 'utf8'))
    return Array.isArray(channels) && Array.isArray(messages) ? { channels, messages } : undefined
  } catch {
    return undefined
  }
}
