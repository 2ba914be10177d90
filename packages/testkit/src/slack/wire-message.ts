import { bot, type SlackMessage, type Workspace } from './workspace.ts'

/** A message as Slack's methods return it. Metadata is left out unless asked for. */
export function wireMessage(
  message: SlackMessage,
  workspace: Workspace,
  withMetadata: boolean,
): Record<string, unknown> {
  const { ts, threadTs, author, broadcast, edited, text, blocks, attachments, metadata } = message
  const replies = workspace.replies(message)
  return {
    type: 'message',
    ...(broadcast && { subtype: 'thread_broadcast' }),
    ts,
    ...(author === 'bot'
      ? { user: bot.user, bot_id: bot.id, app_id: bot.app, team: bot.team }
      : { user: 'U0SOMEONE', team: bot.team }),
    text: text ?? '',
    ...(blocks && { blocks }),
    ...(attachments && {
      attachments: attachments.map((each, index) => ({ ...(each as object), id: index + 1 })),
    }),
    ...(edited && { edited }),
    ...(threadTs !== undefined && { thread_ts: threadTs, parent_user_id: bot.user }),
    ...(replies.length > 0 && {
      thread_ts: ts,
      reply_count: replies.length,
      latest_reply: replies.at(-1)?.ts,
    }),
    ...(withMetadata && metadata && { metadata }),
  }
}
