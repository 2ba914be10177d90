import { flagArgument, textArgument } from './arguments.ts'
import { type MethodContext, missingScope } from './method-context.ts'
import { cursorOf, isShown, limitOf, nextCursor, windowOf } from './paging.ts'
import { accept, type Refusal, refuse, type SlackReply } from './reply.ts'
import { wireMessage } from './wire-message.ts'
import { micros, type SlackChannel } from './workspace.ts'

/** conversations.list: public ones, and private ones the bot is in; `limit` 1 to 1,000, by default 100. */
export function list(context: MethodContext): SlackReply {
  const { args, workspace, grant } = context
  const types = (textArgument(args, 'types') ?? 'public_channel').split(',').map((type) => type.trim())
  const known = ['public_channel', 'private_channel', 'mpim', 'im']
  if (!types.every((type) => known.includes(type))) return refuse('invalid_types')
  const needed = types.map((type) => (type === 'public_channel' ? 'channels:read' : 'groups:read'))
  const lacking = needed.find((scope) => !grant.scopes.includes(scope))
  if (lacking) return missingScope(grant, lacking)
  const limit = limitOf(context, 1000)
  const from = cursorOf(context)
  if (typeof limit !== 'number') return limit
  if (typeof from !== 'string') return from
  const matching = workspace.channels.filter(
    ({ id, isPrivate, isMember, isArchived }) =>
      types.includes(isPrivate ? 'private_channel' : 'public_channel') &&
      (!isPrivate || isMember) &&
      !(isArchived && flagArgument(args, 'exclude_archived')) &&
      id > from,
  )
  const page = matching.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
  return accept({
    channels: page.map(wireChannel),
    response_metadata: nextCursor(matching.length > limit ? page.at(-1)?.id : undefined),
  })
}

export function info(context: MethodContext): SlackReply {
  const channel = readableChannel(context, 'read')
  return 'error' in channel ? channel : accept({ channel: wireChannel(channel) })
}

export function join({ args, workspace, grant }: MethodContext): SlackReply {
  if (!grant.scopes.includes('channels:join')) return missingScope(grant, 'channels:join')
  const channel = workspace.byId(textArgument(args, 'channel'))
  if (channel === undefined) return refuse('channel_not_found')
  if (channel.isPrivate) return refuse('method_not_supported_for_channel_type')
  if (channel.isArchived) return refuse('is_archived')
  channel.isMember = true
  return accept({ channel: wireChannel(channel) })
}

/**
 * conversations.history: newest first, without the replies that were not broadcast. A page holds the newest of
 * what was asked for; with `oldest` and no `latest` the oldest of it, and the cursor leads forward in time.
 */
export function history(context: MethodContext): SlackReply {
  const { args, workspace } = context
  const channel = memberChannel(context)
  if ('error' in channel) return channel
  const window = windowOf(context, 999)
  if ('error' in window) return window
  const { limit, cursor } = window
  const forward = args['oldest'] !== undefined && args['latest'] === undefined
  const matching = workspace
    .messages(channel.id)
    .filter((message) => message.threadTs === undefined || message.broadcast)
    .filter(window.shows)
    .filter(
      ({ ts }) => cursor === '' || (forward ? micros(ts) > micros(cursor) : micros(ts) < micros(cursor)),
    )
  const page = forward ? matching.slice(0, limit) : matching.slice(-limit)
  const hasMore = matching.length > page.length
  return accept({
    messages: page
      .map((each) => wireMessage(each, workspace, flagArgument(args, 'include_all_metadata')))
      .reverse(),
    has_more: hasMore,
    response_metadata: nextCursor(hasMore ? page.at(forward ? -1 : 0)?.ts : undefined),
  })
}

/** conversations.replies: the parent, on every page, then its replies, oldest first. */
export function replies(context: MethodContext): SlackReply {
  const { args, workspace } = context
  const channel = memberChannel(context)
  if ('error' in channel) return channel
  const parent = workspace.message(channel.id, textArgument(args, 'ts'))
  if (parent === undefined || !isShown(parent, context.now)) return refuse('thread_not_found')
  const window = windowOf(context, 1000)
  if ('error' in window) return window
  const { limit, cursor } = window
  const matching = workspace
    .replies(parent)
    .filter(window.shows)
    .filter(({ ts }) => cursor === '' || micros(ts) > micros(cursor))
  const page = matching.slice(0, Math.max(1, limit - 1))
  const hasMore = matching.length > page.length
  return accept({
    messages: [parent, ...page].map((each) =>
      wireMessage(each, workspace, flagArgument(args, 'include_all_metadata')),
    ),
    has_more: hasMore,
    response_metadata: nextCursor(hasMore ? page.at(-1)?.ts : undefined),
  })
}

/** A channel by id. A private one without the bot does not exist for it. */
function readableChannel(
  { args, workspace, grant }: MethodContext,
  to: 'read' | 'history',
): SlackChannel | Refusal {
  const [forPublic, forPrivate] = [`channels:${to}`, `groups:${to}`]
  if (![forPublic, forPrivate].some((scope) => grant.scopes.includes(scope)))
    return missingScope(grant, forPublic)
  const channel = workspace.byId(textArgument(args, 'channel'))
  if (channel === undefined || (channel.isPrivate && !channel.isMember)) return refuse('channel_not_found')
  const needed = channel.isPrivate ? forPrivate : forPublic
  return grant.scopes.includes(needed) ? channel : missingScope(grant, needed)
}

function memberChannel(context: MethodContext): SlackChannel | Refusal {
  const channel = readableChannel(context, 'history')
  if ('error' in channel) return channel
  return channel.isMember ? channel : refuse('not_in_channel')
}

function wireChannel({ id, name, isPrivate, isArchived, isMember }: SlackChannel): Record<string, unknown> {
  return {
    id,
    name,
    name_normalized: name,
    is_channel: true,
    is_private: isPrivate,
    is_archived: isArchived,
    is_member: isMember,
  }
}
