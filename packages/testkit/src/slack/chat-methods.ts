import { flagArgument, textArgument } from './arguments.ts'
import { readMessage } from './message-rules.ts'
import { type MethodContext, missingScope } from './method-context.ts'
import { accept, type Refusal, refuse, type SlackReply } from './reply.ts'
import { wireMessage } from './wire-message.ts'
import type { SlackChannel, SlackMessage } from './workspace.ts'

/** chat.postMessage: takes a channel by id or name and cuts a text at 40,000 characters. */
export function postMessage(context: MethodContext): SlackReply {
  const { args, workspace, historyLagMs } = context
  const channel = workspace.byIdOrName(textArgument(args, 'channel'))
  const closed = refusalToPost(channel, context)
  if (closed || channel === undefined) return closed ?? refuse('channel_not_found')
  const content = readMessage(args, 'post')
  if ('error' in content) return content
  const threadTs = parentOf(channel, context)
  const message = workspace.post({
    channel,
    content,
    threadTs,
    broadcast: threadTs !== undefined && flagArgument(args, 'reply_broadcast'),
    historyLagMs,
  })
  context.changed(message, 'posted')
  return accept({ channel: channel.id, ts: message.ts, message: wireMessage(message, workspace, true) })
}

/** chat.update: takes the channel's id only, own messages only, and a text of 4,000 at most. */
export function update(context: MethodContext): SlackReply {
  const { args, workspace, editWindowMs, now } = context
  const found = ownMessage(context, 'cant_update_message')
  if ('error' in found) return found
  if (workspace.byId(found.channel)?.isArchived) return refuse('is_inactive')
  const [{ at: postedAt } = { at: 0 }] = found.versions
  if (now - postedAt > editWindowMs) return refuse('edit_window_closed')
  if (flagArgument(args, 'reply_broadcast') && !found.broadcast) return broadcastReply(found, context)
  const content = readMessage(args, 'update')
  if ('error' in content) return content
  const message = workspace.edit(found, content)
  context.changed(message, 'edited')
  return accept({
    channel: message.channel,
    ts: message.ts,
    text: message.text ?? '',
    message: wireMessage(message, workspace, true),
  })
}

/** chat.delete: own messages only. */
export function deleteMessage(context: MethodContext): SlackReply {
  const found = ownMessage(context, 'cant_delete_message')
  if ('error' in found) return found
  context.changed(context.workspace.delete(found), 'deleted')
  return accept({ channel: found.channel, ts: found.ts })
}

export function getPermalink({ args, workspace }: MethodContext): SlackReply {
  const channel = workspace.byId(textArgument(args, 'channel'))
  if (channel === undefined) return refuse('channel_not_found')
  const message = workspace.message(channel.id, textArgument(args, 'message_ts'))
  if (message === undefined) return refuse('message_not_found')
  const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`
  const permalink = `https://hermod.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`
  return accept({ channel: channel.id, permalink })
}

function refusalToPost(channel: SlackChannel | undefined, { grant }: MethodContext): Refusal | undefined {
  if (!grant.scopes.includes('chat:write')) return missingScope(grant, 'chat:write')
  if (channel === undefined || (channel.isPrivate && !channel.isMember)) return refuse('channel_not_found')
  if (channel.isArchived) return refuse('is_archived')
  if (!channel.isMember && !grant.scopes.includes('chat:write.public')) return refuse('not_in_channel')
  return channel.refusesWith === undefined ? undefined : refuse(channel.refusesWith)
}

/** A reply to a reply joins its thread; one to a message that is not there lands in the channel. */
function parentOf(channel: SlackChannel, { args, workspace }: MethodContext): string | undefined {
  const parent = workspace.message(channel.id, textArgument(args, 'thread_ts'))
  return parent?.threadTs ?? parent?.ts
}

function ownMessage({ args, workspace, grant }: MethodContext, notOwn: string): SlackMessage | Refusal {
  if (!grant.scopes.includes('chat:write')) return missingScope(grant, 'chat:write')
  const channel = workspace.byId(textArgument(args, 'channel'))
  if (channel === undefined || (channel.isPrivate && !channel.isMember)) return refuse('channel_not_found')
  const message = workspace.message(channel.id, textArgument(args, 'ts'))
  if (message === undefined) return refuse('message_not_found')
  return message.author === 'bot' ? message : refuse(notOwn)
}

function broadcastReply(reply: SlackMessage, { args, workspace, changed }: MethodContext): SlackReply {
  if (['text', 'blocks', 'attachments'].some((name) => args[name] !== undefined)) {
    return refuse('no_dual_broadcast_content_update')
  }
  if (reply.threadTs === undefined) return refuse('cant_broadcast_message')
  changed(workspace.broadcast(reply), 'edited')
  return accept({ channel: reply.channel, ts: reply.ts, text: reply.text ?? '' })
}
