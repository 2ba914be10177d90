// Owns the faults that the page's buttons put into a Slack stand-in.
import { type FakeSlack, type HttpFault, httpFault, type InjectedFault, slackFault } from '@hermod/testkit'
import type { ShownButton } from './preview-state.ts'

interface Break {
  readonly id: string
  readonly label: string
  readonly fault: HttpFault
  readonly times: number
  /** Only posts; every call by default. */
  readonly method?: string
}

const breaks: readonly Break[] = [
  { id: 'slack-429', label: 'Slack limits us (429)', fault: slackFault.rateLimited(2), times: 3 },
  { id: 'slack-500', label: 'Slack fails (500)', fault: httpFault.serverError(500), times: 3 },
  { id: 'slack-hang', label: 'Slack hangs', fault: { kind: 'hang', label: 'hang' }, times: 1 },
  {
    id: 'slack-reply-lost',
    label: 'Slack posts, its reply is lost',
    fault: httpFault.replyLost(),
    times: 1,
    method: 'chat.postMessage',
  },
]

const revoke = { id: 'slack-revoked', label: 'Slack revokes the token', group: 'break' } as const
const mend = { id: 'slack-mend', label: 'Mend Slack', group: 'mend' } as const

export class SlackBreaks {
  readonly #slack: FakeSlack
  readonly #armed = new Map<string, InjectedFault>()
  #revoked = false
  #mendedAt = Number.NEGATIVE_INFINITY

  constructor(slack: FakeSlack) {
    this.#slack = slack
  }

  buttons(): ShownButton[] {
    const rows = breaks.map(({ id, label, times }): ShownButton => {
      const hits = this.#armed.get(id)?.hits
      const calls = times === 1 ? 'call' : 'calls'
      return {
        id,
        label,
        group: 'break',
        ...(hits !== undefined && { news: hits < times ? `${hits} of ${times} ${calls} hit` : 'done' }),
      }
    })
    return [...rows, { ...revoke, ...(this.#revoked && { news: 'revoked' }) }, mend]
  }

  /** Unix ms since when nothing is broken; undefined while something is. */
  wholeSince(): number | undefined {
    const isArmed = breaks.some(({ id, times }) => (this.#armed.get(id)?.hits ?? times) < times)
    return isArmed || this.#revoked ? undefined : this.#mendedAt
  }

  /** False for a button that is not one of these. */
  press(id: string, now: number): boolean {
    if (id === mend.id) {
      this.#mend(now)
      return true
    }
    if (id === revoke.id) {
      this.#slack.revokeToken()
      this.#revoked = true
      return true
    }
    const found = breaks.find((each) => each.id === id)
    if (!found) return false
    const { fault, times, method } = found
    this.#armed.get(id)?.lift()
    this.#armed.set(id, this.#slack.inject(fault, { times, ...(method !== undefined && { method }) }))
    this.#mendedAt = now
    return true
  }

  #mend(now: number): void {
    for (const fault of this.#armed.values()) fault.lift()
    this.#armed.clear()
    // The same token, so that nobody has to be told a new one.
    if (this.#revoked) this.#slack.issueToken({ token: this.#slack.token })
    this.#revoked = false
    this.#mendedAt = now
  }
}
