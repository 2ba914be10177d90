// Owns the Warning Events of pods that do not come up though their status does not say why.
// W1. Asked on demand, one pod at a time, at most three of a Deployment and each at most every 15 s.
// W2. Not allowed, or gone: we go without.
import type { CoreV1Event } from '@kubernetes/client-node'
import { field } from './api-server/api-object.ts'
import type { ApiTransport } from './api-server/api-transport.ts'
import { readJson } from './api-server/read-json.ts'
import type { PodFacts } from './deployment/pod-facts.ts'
import { observeWarning, type WarningFacts } from './deployment/warning-facts.ts'
import { asWire } from './deployment/wire.ts'

const askAgainMs = 15_000
const forgetMs = 120_000
const mostPods = 3
const mostQuestions = 50
const mostEvents = 20
const refusedForMs = 600_000

interface Answer {
  readonly askedAt: number
  readonly warnings: readonly WarningFacts[]
}

export interface PodWarningsOptions {
  readonly transport: ApiTransport
  readonly signal: AbortSignal
}

export class PodWarnings {
  readonly #options: PodWarningsOptions
  readonly #answers = new Map<string, Answer>()
  readonly #refusedAt = new Map<string, number>()
  #asking = 0

  constructor(options: PodWarningsOptions) {
    this.#options = options
  }

  /** What is known of these pods. */
  of(pods: readonly PodFacts[]): ReadonlyMap<string, readonly WarningFacts[]> {
    const known = pods.map(({ uid }) => [uid, this.#answers.get(uid)?.warnings ?? []] as const)
    return new Map(known.filter(([, warnings]) => warnings.length > 0))
  }

  /** Asks about the first few of them; resolves to whether anything was learnt. */
  async ask(pods: readonly PodFacts[]): Promise<boolean> {
    this.#forgetOld()
    const due = pods.slice(0, mostPods).filter((pod) => this.#isDue(pod))
    const learnt = await Promise.all(due.map((pod) => this.#askAbout(pod)))
    return learnt.includes(true)
  }

  #isDue({ uid, namespace }: PodFacts): boolean {
    const now = performance.now()
    const askedAt = this.#answers.get(uid)?.askedAt ?? Number.NEGATIVE_INFINITY
    const refusedAt = this.#refusedAt.get(namespace) ?? Number.NEGATIVE_INFINITY
    return now - askedAt >= askAgainMs && now - refusedAt >= refusedForMs && this.#asking < mostQuestions
  }

  async #askAbout({ namespace, uid }: PodFacts): Promise<boolean> {
    const before = this.#answers.get(uid)?.warnings ?? []
    this.#answers.set(uid, { askedAt: performance.now(), warnings: before })
    this.#asking++
    try {
      const query = { fieldSelector: `involvedObject.uid=${uid},type=Warning`, limit: String(mostEvents) }
      const path = `/api/v1/namespaces/${namespace}/events`
      const { transport, signal } = this.#options
      const read = await readJson(transport, { path, query, patient: true, signal })
      if (read.kind === 'refused' && read.status === 403) this.#refusedAt.set(namespace, performance.now())
      if (read.kind === 'refused') return false
      const warnings = warningsIn(read.body)
      this.#answers.set(uid, { askedAt: performance.now(), warnings })
      return warnings.length > 0
    } catch {
      // Unreachable: the watches notice it too, and they say so.
      return false
    } finally {
      this.#asking--
    }
  }

  #forgetOld(): void {
    const now = performance.now()
    for (const [uid, { askedAt }] of this.#answers) if (now - askedAt > forgetMs) this.#answers.delete(uid)
  }
}

// Repeated Events of one reason say the same, probes of several kinds apart: the last one counts.
function warningsIn(list: unknown): readonly WarningFacts[] {
  const items = field(list, 'items')
  const warnings = (Array.isArray(items) ? items : []).flatMap((item: unknown) => {
    const warning = observeWarning(asWire<CoreV1Event>(item))
    return warning === undefined ? [] : [warning]
  })
  const kindOf = ({ reason, container, message }: WarningFacts): string =>
    `${reason} ${container?.name} ${message.split(' ', 1)[0]}`
  return [...new Map(warnings.map((warning) => [kindOf(warning), warning])).values()]
}
