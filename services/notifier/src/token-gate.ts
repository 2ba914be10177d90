// Owns the question whether the token is any good.
// T1. A rejected token closes the gate: nothing is sent, everything is kept, one line is logged.
// T2. The gate opens by itself when the token was rotated, or when Slack takes the old one again.
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@hermod/runtime'
import type { SlackClient } from './slack-client.ts'

export interface TokenGate {
  /** Why nothing may be sent; undefined when all is well. */
  readonly closedFor: string | undefined
  close(reason: string): void
  /** Where this workspace's pages are, once Slack has said so. */
  readonly url: string | undefined
  /** Calls `listener` each time the gate opens. */
  onOpen(listener: () => void): void
}

const lookEveryMs = 1_000
const askEveryMs = 60_000

export function createTokenGate(
  slack: SlackClient,
  token: () => string,
  log: Logger,
  signal: AbortSignal,
): TokenGate {
  let closedFor: string | undefined
  let url: string | undefined
  const listeners: (() => void)[] = []

  const identify = async (): Promise<boolean> => {
    const answer = await slack.identify()
    if (answer.kind === 'delivered') url = answer.url
    if (answer.kind === 'token') close(answer.reason)
    return answer.kind === 'delivered'
  }

  const reopen = async (rejected: string): Promise<void> => {
    let asked = performance.now()
    let tried = rejected
    for (;;) {
      await delay(lookEveryMs, undefined, { signal })
      const present = token()
      if (present === tried && performance.now() - asked < askEveryMs) continue
      tried = present
      asked = performance.now()
      if (!(await identify())) continue
      closedFor = undefined
      log.info('Slack takes the token, sending goes on')
      for (const listener of listeners) listener()
      return
    }
  }

  const close = (reason: string): void => {
    if (closedFor !== undefined) return
    closedFor = reason
    log.error({ reason }, 'Slack rejects the token: nothing is sent, all is kept until SLACK_TOKEN is mended')
    reopen(token()).catch(() => undefined)
  }

  void identify()
  return {
    get closedFor() {
      return closedFor
    },
    get url() {
      return url
    },
    close,
    onOpen(listener) {
      listeners.push(listener)
    },
  }
}
