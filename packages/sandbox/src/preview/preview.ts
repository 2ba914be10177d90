/**
 * Owns what the page shows: it gathers from the Slack stand-in, NATS and the cluster, and tells each change once.
 *
 * 1. The log of events is the only way out: state and stream never differ.
 */
import type { FakeSlack, KubeAccess } from '@hermod/testkit'
import { isNewer, overtakenBy } from './board.ts'
import { type ClusterCount, countChanges } from './cluster-count.ts'
import { countedCards } from './counted-cards.ts'
import { EventLog } from './event-log.ts'
import { followNats, type NatsSource } from './nats-feed.ts'
import type {
  BoardRollout,
  MessageStory,
  PreviewEvent,
  PreviewState,
  ShownButton,
  ShownTransition,
  Tally,
} from './preview-state.ts'
import { SlackBreaks } from './slack-breaks.ts'
import { rolloutOfKey, SlackFeed } from './slack-feed.ts'
import { tally } from './tally.ts'

/** Something that a button of the page sets off. */
export interface PreviewAction {
  readonly id: string
  readonly label: string
  readonly group: 'play' | 'break'
  /** Until it settles it is shown as under way; what it throws is shown beside the button. */
  run(): Promise<void> | void
}

export interface PreviewSources {
  /** Without it there is nothing but the board. */
  readonly slack?: FakeSlack
  /** Without it there is neither board nor cause and effect. */
  readonly nats?: NatsSource
  /** The cluster's API, for the independent count; without it there is no strip. */
  readonly cluster?: KubeAccess
  readonly actions?: readonly PreviewAction[]
}

interface ShownSlack {
  readonly fake: FakeSlack
  readonly feed: SlackFeed
  readonly breaks: SlackBreaks
}

const underWay = 'under way'
const keptEvents = 2_000
const keptRollouts = 500
const countEveryMs = 500

export class Preview implements AsyncDisposable {
  readonly log: EventLog<PreviewEvent> = new EventLog(keptEvents)
  readonly #slack: ShownSlack | undefined
  readonly #actions: readonly PreviewAction[]
  readonly #rollouts = new Map<string, BoardRollout>()
  readonly #transitions = new Map<string, ShownTransition[]>()
  readonly #shownButtons = new Map<string, string>()
  readonly #actionNews = new Map<string, string>()
  readonly #count: ClusterCount | undefined
  readonly #stack = new AsyncDisposableStack()
  #tally: Tally | undefined

  constructor({ slack, nats, cluster, actions = [] }: PreviewSources) {
    this.#slack = slack && { fake: slack, feed: new SlackFeed(slack), breaks: new SlackBreaks(slack) }
    this.#actions = actions
    this.#tellButtons()
    if (this.#slack) this.#stack.defer(this.#follow(this.#slack.feed))
    if (nats)
      this.#stack.use(
        followNats(nats, {
          state: (rollout) => this.#takeState(rollout),
          ...(slack && { transition: (key, transition) => this.#takeTransition(key, transition) }),
        }),
      )
    this.#count = slack && cluster && this.#stack.use(countChanges(cluster))
    if (this.#count) {
      const timer = setInterval(() => this.#recount(), countEveryMs)
      this.#stack.defer(() => clearInterval(timer))
    }
  }

  state(): PreviewState {
    return {
      lastEventId: this.log.lastId,
      hasSlack: this.#slack !== undefined,
      channels: this.#slack?.feed.channels() ?? [],
      messages: this.#slack?.feed.messages() ?? [],
      buttons: this.#buttons(),
      rollouts: [...this.#rollouts.values()],
      tally: this.#tally,
    }
  }

  story(channel: string, ts: string): MessageStory | undefined {
    const found = this.#slack?.feed.story(channel, ts)
    if (!found) return undefined
    const { calls, versions, key } = found
    return { calls, versions, transitions: this.#transitions.get(rolloutOfKey(key) ?? '') ?? [] }
  }

  /** False where there is no such button. */
  press(id: string): boolean {
    const action = this.#actions.find((each) => each.id === id)
    if (!action) {
      const known = this.#slack?.breaks.press(id, Date.now()) ?? false
      this.#tellButtons()
      return known
    }
    void this.#run(action)
    return true
  }

  async #run(action: PreviewAction): Promise<void> {
    const { id } = action
    if (this.#actionNews.get(id) === underWay) return
    this.#tellNews(id, underWay)
    try {
      await action.run()
      this.#tellNews(id, `done at ${new Date().toLocaleTimeString('en-GB', { timeStyle: 'short' })}`)
    } catch (error) {
      this.#tellNews(id, `failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #tellNews(id: string, news: string): void {
    this.#actionNews.set(id, news)
    this.#tellButtons()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }

  #buttons(): ShownButton[] {
    const own = this.#actions.map(({ id, label, group }): ShownButton => {
      const news = this.#actionNews.get(id)
      return { id, label, group, ...(news !== undefined && { news }) }
    })
    return [...own, ...(this.#slack?.breaks.buttons() ?? [])]
  }

  /** Returns what ends it. */
  #follow(feed: SlackFeed): () => void {
    return feed.listen({
      channel: (channel) => this.log.append({ kind: 'channel', channel }),
      message: (message) => this.log.append({ kind: 'message', message }),
      call: () => this.#tellButtons(),
    })
  }

  #tellButtons(): void {
    for (const button of this.#buttons()) {
      const now = JSON.stringify(button)
      if (this.#shownButtons.get(button.id) === now) continue
      this.#shownButtons.set(button.id, now)
      this.log.append({ kind: 'button', button })
    }
  }

  #takeState(rollout: BoardRollout): void {
    if (!isNewer(rollout, this.#rollouts.get(rollout.key))) return
    for (const each of [...overtakenBy(rollout, this.#rollouts.values()), rollout]) {
      keep(this.#rollouts, each.key, each)
      this.log.append({ kind: 'rollout', rollout: each })
    }
  }

  #takeTransition(key: string, transition: ShownTransition): void {
    const before = this.#transitions.get(key) ?? []
    keep(this.#transitions, key, [...before, transition])
    this.log.append({ kind: 'transition', rolloutKey: key })
  }

  #recount(): void {
    if (!this.#count || !this.#slack) return
    const { fake, breaks } = this.#slack
    const now = tally(this.#count.history, countedCards(fake), Date.now(), breaks.wholeSince())
    if (JSON.stringify(now) === JSON.stringify(this.#tally)) return
    this.#tally = now
    this.log.append({ kind: 'tally', tally: now })
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > keptRollouts && oldest !== undefined) map.delete(oldest)
}
