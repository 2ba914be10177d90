// Owns the question whether Slack listens to us.
// T1. A rejected token closes the gate: nothing is sent, everything is kept, one line is logged.
// T2. The gate opens by itself when the token was rotated, or when Slack takes the old one again.
// T3. A Slack that cannot be reached closes nothing: each send finds out for itself. It is told in readiness.
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@hermod/runtime'
import type { SlackClient } from './slack-client.ts'

export interface TokenGate {
  /** Why nothing may be sent; undefined when sending makes sense. */
  readonly closedFor: string | undefined
  /** What keeps messages from being delivered; undefined when all is well. */
  readonly obstacle: string | undefined
  /** Where this workspace's pages are, once Slack has said so. */
  readonly url: string | undefined
  close(reason: string): void
  /** A call got no answer from Slack. */
  unreachable(reason: string): void
  /** A call was accepted. */
  reached(): void
  /** Calls `listener` each time the gate opens, until `signal` is aborted. */
  onOpen(listener: () => void, signal: AbortSignal): void
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
  let unreached: string | undefined = 'not asked yet'
  let url: string | undefined
  const listeners = new Set<() => void>()

  const close = (reason: string): void => {
    if (closedFor !== undefined) return
    closedFor = reason
    log.error({ reason }, 'Slack rejects the token: nothing is sent, all is kept until SLACK_TOKEN is mended')
    reopen(token()).catch(() => undefined)
  }

  const identify = async (): Promise<boolean> => {
    const answer = await slack.identify()
    if (answer.kind === 'unknown' || answer.kind === 'retry') {
      if (unreached !== answer.reason) log.warn({ reason: answer.reason }, 'waiting for Slack')
      unreached = answer.reason
      return false
    }
    unreached = undefined
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

  const introduce = async (): Promise<void> => {
    while (!(await identify())) {
      if (closedFor !== undefined) return
      await delay(lookEveryMs, undefined, { signal })
    }
  }

  introduce().catch(() => undefined)
  return {
    get closedFor() {
      return closedFor
    },
    get obstacle() {
      return closedFor === undefined
        ? unreached && `Slack does not answer: ${unreached}`
        : `token: ${closedFor}`
    },
    get url() {
      return url
    },
    close,
    unreachable(reason) {
      unreached = reason
    },
    reached() {
      unreached = undefined
    },
    onOpen(listener, until) {
      listeners.add(listener)
      until.addEventListener('abort', () => listeners.delete(listener), { once: true })
    },
  }
}
