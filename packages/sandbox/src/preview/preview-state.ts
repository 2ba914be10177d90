/** What the page is shown: the wire between the preview server and its script. Every item is a whole; the newer one counts. */
export interface PreviewState {
  /** Of the last event that is part of this state; the stream goes on after it. */
  readonly lastEventId: number
  /** Whether there is a Slack to show: else this is the board alone. */
  readonly hasSlack: boolean
  readonly channels: readonly ShownChannel[]
  readonly messages: readonly ShownMessage[]
  readonly buttons: readonly ShownButton[]
  readonly rollouts: readonly BoardRollout[]
  readonly tally: Tally | undefined
}

export type PreviewEvent =
  | { readonly kind: 'channel'; readonly channel: ShownChannel }
  | { readonly kind: 'message'; readonly message: ShownMessage }
  | { readonly kind: 'button'; readonly button: ShownButton }
  | { readonly kind: 'rollout'; readonly rollout: BoardRollout }
  | { readonly kind: 'transition'; readonly rolloutKey: string }
  | { readonly kind: 'tally'; readonly tally: Tally }

export interface ShownChannel {
  readonly id: string
  readonly name: string
}

export interface MessageLook {
  readonly text?: string
  readonly blocks?: readonly unknown[]
  readonly attachments?: readonly unknown[]
}

export interface ShownMessage extends MessageLook {
  readonly channel: string
  readonly ts: string
  readonly threadTs?: string
  readonly broadcast: boolean
  readonly author: 'bot' | 'someone else'
  /** How many states it has had. */
  readonly versions: number
  readonly marked: boolean
  readonly deleted: boolean
}

/** All that led to a message, oldest first. */
export interface MessageStory {
  readonly calls: readonly ShownCall[]
  readonly versions: readonly (MessageLook & { readonly at: number })[]
  readonly transitions: readonly ShownTransition[]
}

export interface ShownCall {
  readonly id: number
  readonly method: string
  readonly args: Readonly<Record<string, unknown>>
  /** Unix ms. */
  readonly at: number
  readonly tookMs?: number
  readonly outcome: string
  readonly status?: number
}

export interface ShownTransition {
  readonly kind: string
  readonly n: number
  /** RFC 3339. */
  readonly at: string
  readonly phase: string
  readonly reason: string
  /** `2 of 3 updated, 3 available`. */
  readonly counts: string
}

export interface ShownButton {
  readonly id: string
  readonly label: string
  readonly group: 'play' | 'break' | 'mend'
  /** What it is at: `2 of 5 calls hit`. */
  readonly news?: string
}

export interface Tally {
  readonly expected: number
  readonly delivered: number
  readonly inFlight: number
  readonly lost: number
  readonly doubled: number
}

/** A rollout as `hermod.state.>` tells it, as far as the board needs it. Times are Unix ms. */
export interface BoardRollout {
  /** `<uid>.<attempt>` */
  readonly key: string
  /** `namespace/name` */
  readonly deployment: string
  readonly uid: string
  readonly attempt: number
  /** Orders states of one rollout, as (epoch, n) does. */
  readonly order: readonly [epoch: number, n: number]
  readonly phase: string
  readonly reason: string
  readonly what: string
  readonly wanted: number
  readonly updated: number
  readonly available: number
  readonly startedAt: number
  readonly endedAt?: number
  readonly deadlineAt?: number
}
