import { type SlackArguments, textArgument } from './arguments.ts'
import type { Charge, SlackBudgets } from './budgets.ts'
import { deleteMessage, getPermalink, postMessage, update } from './chat-methods.ts'
import { history, info, join, list, replies } from './conversation-methods.ts'
import type { MethodContext } from './method-context.ts'
import { accept, type SlackReply } from './reply.ts'
import { bot, type Workspace } from './workspace.ts'

interface Method {
  run(context: MethodContext): SlackReply
  /** What Slack names in `x-accepted-oauth-scopes`. */
  scopes: readonly string[]
  charges(budgets: SlackBudgets, args: SlackArguments, workspace: Workspace): Charge[]
}

/** The methods that this Slack has. */
export const methods: Readonly<Record<string, Method>> = {
  'auth.test': { run: authTest, scopes: [], charges: () => [] },
  'chat.postMessage': {
    run: postMessage,
    scopes: ['chat:write'],
    charges({ posts, allPosts }, args, workspace) {
      const asked = textArgument(args, 'channel')
      const channel = workspace.byIdOrName(asked)?.id ?? asked
      return [
        { key: `post to ${channel}`, budget: posts },
        { key: 'post', budget: allPosts },
      ]
    },
  },
  'chat.update': {
    run: update,
    scopes: ['chat:write'],
    charges: ({ edits }) => [{ key: 'edit', budget: edits }],
  },
  'chat.delete': { run: deleteMessage, scopes: ['chat:write'], charges: tier('tier3', 'delete') },
  'chat.getPermalink': { run: getPermalink, scopes: [], charges: () => [] },
  'conversations.list': {
    run: list,
    scopes: ['channels:read', 'groups:read', 'mpim:read', 'im:read'],
    charges: tier('tier2', 'list'),
  },
  'conversations.info': {
    run: info,
    scopes: ['channels:read', 'groups:read'],
    charges: tier('tier3', 'info'),
  },
  'conversations.join': { run: join, scopes: ['channels:join'], charges: tier('tier3', 'join') },
  'conversations.history': {
    run: history,
    scopes: ['channels:history', 'groups:history'],
    charges: tier('tier3', 'history'),
  },
  'conversations.replies': {
    run: replies,
    scopes: ['channels:history', 'groups:history'],
    charges: tier('tier3', 'replies'),
  },
}

function tier(name: 'tier2' | 'tier3', key: string): Method['charges'] {
  return (budgets) => [{ key, budget: budgets[name] }]
}

function authTest(): SlackReply {
  return accept({
    url: 'https://hermod.slack.com/',
    team: 'Hermod',
    user: 'hermod',
    team_id: bot.team,
    user_id: bot.user,
    bot_id: bot.id,
    is_enterprise_install: false,
  })
}
