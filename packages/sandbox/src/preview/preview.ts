/**
 * Owns what the page shows: it gathers from the Slack stand-in, NATS and the cluster, and tells each change once.
 *
 * 1. The log of events is the only way out: state and stream never differ.
 */
import type { FakeSlack, KubeAccess } from '@hermod/testkit'
import { isNewer } from './board.ts'
import { type ClusterCount, countChanges } from './cluster-count.ts'
import { countedCards } from './counted-cards.ts'
import { EventLog } from './event-log.ts'
import { followNats } from './nats-feed.ts'
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
  /** Resolves when it is set off; what it throws is shown beside the button. */
  run(): Promise<void> | void
}

export interface PreviewSources {
  readonly slack: FakeSlack
  /** `nats://host:port`; without it there is neither board nor cause and effect. */
  readonly nats?: readonly string[]
  /** The cluster's API, for the independent count; without it there is no strip. */
  readonly cluster?: KubeAccess
  readonly actions?: readonly PreviewAction[]
}

const keptEvents = 2_000
const keptRollouts = 500
const countEveryMs = 500

export class Preview implements AsyncDisposable {
  readonly log: EventLog<PreviewEvent> = new EventLog(keptEvents)
  readonly #feed: SlackFeed
  readonly #slack: FakeSlack
  readonly #breaks: SlackBreaks
  readonly #actions: readonly PreviewAction[]
  readonly #rollouts = new Map<string, BoardRollout>()
  readonly #transitions = new Map<string, ShownTransition[]>()
  readonly #shownButtons = new Map<string, string>()
  readonly #actionNews = new Map<string, string>()
  readonly #count: ClusterCount | undefined
  readonly #stack = new AsyncDisposableStack()
  #tally: Tally | undefined

  constructor({ slack, nats, cluster, actions = [] }: PreviewSources) {
    this.#slack = slack
    this.#feed = new SlackFeed(slack)
    this.#breaks = new SlackBreaks(slack)
    this.#actions = actions
    this.#tellButtons()
    const stop = this.#feed.listen({
      channel: (channel) => this.log.append({ kind: 'channel', channel }),
      message: (message) => this.log.append({ kind: 'message', message }),
      call: () => this.#tellButtons(),
    })
    this.#stack.defer(stop)
    if (nats)
      this.#stack.use(
        followNats(nats, {
          state: (rollout) => this.#takeState(rollout),
          transition: (key, transition) => this.#takeTransition(key, transition),
        }),
      )
    this.#count = cluster && this.#stack.use(countChanges(cluster))
    if (this.#count) {
      const timer = setInterval(() => this.#recount(), countEveryMs)
      this.#stack.defer(() => clearInterval(timer))
    }
  }

  state(): PreviewState {
    return {
      lastEventId: this.log.lastId,
      channels: this.#feed.channels(),
      messages: this.#feed.messages(),
      buttons: this.#buttons(),
      rollouts: [...this.#rollouts.values()],
      tally: this.#tally,
    }
  }

  story(channel: string, ts: string): MessageStory | undefined {
    const found = this.#feed.story(channel, ts)
    if (!found) return undefined
    const { calls, versions, key } = found
    return { calls, versions, transitions: this.#transitions.get(rolloutOfKey(key) ?? '') ?? [] }
  }

  /** False where there is no such button. */
  async press(id: string): Promise<boolean> {
    const action = this.#actions.find((each) => each.id === id)
    if (!action) {
      const known = this.#breaks.press(id, Date.now())
      this.#tellButtons()
      return known
    }
    try {
      await action.run()
      this.#actionNews.set(id, `done at ${new Date().toLocaleTimeString('en-GB')}`)
    } catch (error) {
      this.#actionNews.set(id, `failed: ${error instanceof Error ? error.message : String(error)}`)
    }
    this.#tellButtons()
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }

  #buttons(): ShownButton[] {
    const own = this.#actions.map(({ id, label, group }): ShownButton => {
      const news = this.#actionNews.get(id)
      return { id, label, group, ...(news !== undefined && { news }) }
    })
    return [...own, ...this.#breaks.buttons()]
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
    keep(this.#rollouts, rollout.key, rollout)
    this.log.append({ kind: 'rollout', rollout })
  }

  #takeTransition(key: string, transition: ShownTransition): void {
    const before = this.#transitions.get(key) ?? []
    keep(this.#transitions, key, [...before, transition])
    this.log.append({ kind: 'transition', rolloutKey: key })
  }

  #recount(): void {
    if (!this.#count) return
    const cards = countedCards(this.#slack)
    const now = tally(this.#count.history, cards, Date.now(), this.#breaks.wholeSince())
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
