import { isNewer } from '../board.ts'
import type {
  BoardRollout,
  PreviewEvent,
  PreviewState,
  ShownButton,
  ShownChannel,
  ShownMessage,
  Tally,
} from '../preview-state.ts'

/** All that the page shows. What did not change keeps its identity: React leaves it alone. */
export interface View {
  readonly hasSlack: boolean
  readonly channels: readonly ShownChannel[]
  /** By channel id, oldest first, deleted ones left out. */
  readonly messages: ReadonlyMap<string, readonly ShownMessage[]>
  /** By channel id: how many came since it was looked at. */
  readonly unread: ReadonlyMap<string, number>
  readonly buttons: readonly ShownButton[]
  readonly rollouts: ReadonlyMap<string, BoardRollout>
  readonly tally: Tally | undefined
  /** Rises with each transition: what was fetched about a message may have grown. */
  readonly transitions: number
}

export function viewOf(state: PreviewState): View {
  const messages = Map.groupBy(
    state.messages.filter(({ deleted }) => !deleted),
    ({ channel }) => channel,
  )
  return {
    hasSlack: state.hasSlack,
    channels: state.channels,
    messages,
    unread: new Map(),
    buttons: state.buttons,
    rollouts: new Map(state.rollouts.map((rollout) => [rollout.key, rollout])),
    tally: state.tally,
    transitions: 0,
  }
}

export function afterEvent(view: View, event: PreviewEvent): View {
  switch (event.kind) {
    case 'channel':
      return {
        ...view,
        channels: [...view.channels.filter(({ id }) => id !== event.channel.id), event.channel],
      }
    case 'message':
      return withMessage(view, event.message)
    case 'button': {
      const isIt = ({ id }: ShownButton): boolean => id === event.button.id
      const buttons = view.buttons.some(isIt)
        ? view.buttons.map((each) => (isIt(each) ? event.button : each))
        : [...view.buttons, event.button]
      return { ...view, buttons }
    }
    case 'rollout': {
      const { rollout } = event
      if (!isNewer(rollout, view.rollouts.get(rollout.key))) return view
      return { ...view, rollouts: new Map(view.rollouts).set(rollout.key, rollout) }
    }
    case 'transition':
      return { ...view, transitions: view.transitions + 1 }
    default:
      return { ...view, tally: event.tally }
  }
}

export function afterLook(view: View, channel: string): View {
  if (!view.unread.has(channel)) return view
  const unread = new Map(view.unread)
  unread.delete(channel)
  return { ...view, unread }
}

function withMessage(view: View, message: ShownMessage): View {
  const { channel, ts } = message
  const before = view.messages.get(channel) ?? []
  const at = before.findLastIndex((each) => each.ts === ts)
  const others = at < 0 ? [...before] : before.with(at, message)
  if (message.deleted) {
    const left = before.filter((each) => each.ts !== ts)
    return { ...view, messages: new Map(view.messages).set(channel, left) }
  }
  if (at < 0) others.push(message)
  const isNews = at < 0 && isInChannel(message)
  const unread = isNews ? new Map(view.unread).set(channel, (view.unread.get(channel) ?? 0) + 1) : view.unread
  return { ...view, unread, messages: new Map(view.messages).set(channel, others) }
}

/** Replies are seen in their thread alone, unless they are broadcast. */
export function isInChannel({ threadTs, broadcast }: ShownMessage): boolean {
  return threadTs === undefined || broadcast
}
